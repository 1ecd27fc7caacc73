"""The figures of clicks as text and as blocks of a page, beside the paper's."""

from collections.abc import Sequence

from models.sam.charts import Line, bars, lines
from models.sam.evaluation.report_page.blocks import Block, Heading, Plot, Table, Words
from models.sam.evaluation.single_point.figures import percent
from models.sam.evaluation.single_point.measuring import (
    BASELINE,
    CENTRE,
    CLICKS,
    GOOD,
    LEAST,
    MOST,
    ORACLE,
    RANDOM,
    TOP,
)
from models.sam.evaluation.task import Record

NAMES = {TOP: "top-ranked", ORACLE: "oracle (best of 3 at the first click)", BASELINE: "click baseline"}
FIRST = {CENTRE: "first click at the centre", RANDOM: "first click at random"}
# Means of the paper's 23 data sets, as measured again in the SAM 2 paper.
PAPER = {1: 0.581, 5: 0.813}
PAPER_NAME = "SAM ViT-H, 23 data sets (paper)"
PAPER_WORDS = (
    "In the paper SAM is ahead of RITM after one click on 16 of 23 data sets, and with the oracle on all 23; its means "
    "are .581 after one click and .813 after five. Those are other data sets and other models: they tell the order of "
    "things."
)
LEFT_OUT = "The comparison with a click segmenter is left out: no weights were named (--click-baseline)."
_NOC = [(percent(good), good) for good in GOOD]


def table_of_clicks(report: Record) -> str:
    """Means of data sets and the comparison, at most 120 characters wide."""
    kinds = report["first_click"]
    head = f"{'mean of data sets':46}" + "".join(f"{f'{count} cl.':>8}" for count in CLICKS)
    rows = [head + "".join(f"{f'NoC@{key}':>8}{'never':>7}" for key, _ in _NOC)]
    for kind, entry in kinds.items():
        rows.append(FIRST[kind])
        rows += [_line(f"  {NAMES[way]}", one) for way, one in entry["ways"].items()]
        rows += [f"  {words}" for words in _verdicts(entry)]
    paper = "".join(f"{_figure(PAPER.get(count)):>8}" for count in CLICKS)
    rows.append(f"{PAPER_NAME:46}{paper}")
    if report.get("click_baseline") is None:
        rows.append(LEFT_OUT)
    return "\n".join(rows)


def blocks_of(report: Record) -> list[Block]:
    """Means, the comparison with the baseline as the paper draws it, and every data set."""
    kinds = report["first_click"]
    centre = kinds[CENTRE]
    blocks: list[Block] = [
        Words(
            "Mean IoU over masks after so many clicks, then over data sets. The first click is at the point farthest "
            "from the mask's edge or anywhere in it, each later one at the farthest point within the larger error. NoC: "
            f"how many clicks it took to an IoU, {MOST} where it was not reached; never: the share of those."
        ),
        Table(["mean of data sets", *_heads()], _rows(report)),
        Plot(_curves(centre), f"Mean IoU of data sets by number of clicks, {FIRST[CENTRE]}."),
        Words(PAPER_WORDS),
    ]
    if report.get("click_baseline") is None:
        blocks.append(Words(LEFT_OUT))
    else:
        blocks += _comparison(report)
    for kind, entry in kinds.items():
        for way, one in entry["ways"].items():
            rows = [[name, str(found["masks"]), *_cells(found)] for name, found in one["datasets"].items()]
            blocks += [
                Heading(f"Data sets: {NAMES[way]}, {FIRST[kind]}"),
                Table(["data set", "masks", *_heads()], rows),
            ]
    return blocks


def _comparison(report: Record) -> list[Block]:
    said = report["click_baseline"]
    blocks: list[Block] = [
        Heading("Against the click baseline"),
        Words(
            f"The baseline is {said['network']}, trained for {said['steps']} steps ({said['file']}), in the manner "
            "of RITM (arXiv 2102.06583): a network of convolutions that sees photograph, clicks and previous mask."
        ),
    ]
    for kind, entry in report["first_click"].items():
        blocks.append(Words(f"{FIRST[kind].capitalize()}: {' '.join(_verdicts(entry))}"))
    found = report["first_click"][CENTRE]["minus_baseline"]
    oracle = found[ORACLE]["datasets"]
    # As the paper orders them: the largest gain first.
    names = sorted(found[TOP]["datasets"], key=lambda name: -found[TOP]["datasets"][name]["mean"])
    top = [found[TOP]["datasets"][name] for name in names]
    plot = bars(
        names,
        [100 * one["mean"] for one in top],
        x_label="IoU of the model less that of the baseline, in hundredths",
        errors=[0.0 if one["low"] is None else 50 * (one["high"] - one["low"]) for one in top],
        notes=[
            f"{100 * one['mean']:+.1f} (oracle {100 * oracle[name]['mean']:+.1f})"
            for name, one in zip(names, top, strict=True)
        ],
    )
    caption = (
        f"After one click at the centre; lines are 95 % intervals over masks, paired and clustered by image. "
        f"Ahead on {found[TOP]['ahead']} of {len(names)} data sets, with the oracle on {found[ORACLE]['ahead']}."
    )
    return [*blocks, Plot(plot, caption)]


def _verdicts(entry: Record) -> list[str]:
    """Sentences about the model and the baseline; none where that was not measured."""
    sentences = []
    for way, one in entry.get("minus_baseline", {}).items():
        end = entry["lead_ends"][way]
        until = f"no longer ahead at click {end}" if end else f"ahead up to click {LEAST}"
        sentences.append(
            f"{NAMES[way].split(' (')[0]} less baseline {100 * one['mean']:+.1f} at 1 click, "
            f"ahead on {one['ahead']} of {len(one['datasets'])} data sets, {until}."
        )
    return sentences


def _curves(entry: Record) -> str:
    curves = [
        Line(NAMES[way], CLICKS, [one["miou"][str(count)] for count in CLICKS])
        for way, one in entry["ways"].items()
    ]
    curves.append(Line(PAPER_NAME, list(PAPER), list(PAPER.values()), is_reference=True))
    return lines(curves, x_label="clicks", y_label="mean IoU", y_range=(0, 1), x_ticks=CLICKS)


def _rows(report: Record) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [
        [f"{NAMES[way]}, {FIRST[kind]}", *_cells(one)]
        for kind, entry in report["first_click"].items()
        for way, one in entry["ways"].items()
    ]
    unknown = [""] * (2 * len(GOOD))
    return [*rows, [PAPER_NAME, *(_figure(PAPER.get(count)) for count in CLICKS), *unknown]]


def _heads() -> list[str]:
    noc = [head for key, _ in _NOC for head in (f"NoC@{key}", "never")]
    return [f"{count} click{'s' if count > 1 else ''}" for count in CLICKS] + noc


def _cells(one: Record) -> list[str]:
    cells = [_figure(one["miou"][str(count)]) for count in CLICKS]
    for key, _ in _NOC:
        noc = one["noc"][key]
        cells += [f"{noc['clicks']:.2f}", f"{100 * noc['not_reached']:.0f} %"]
    return cells


def _line(name: str, one: Record) -> str:
    *means, clicks, never, clicks_90, never_90 = _cells(one)
    figures = "".join(f"{cell:>8}" for cell in means)
    return f"{name:46}{figures}{clicks:>8}{never:>7}{clicks_90:>8}{never_90:>7}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
