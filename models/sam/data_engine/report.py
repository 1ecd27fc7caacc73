"""The rounds of the data engine as a table and as a picture."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from models.sam import charts

WIDTH, HEIGHT = 4.2, 2.5  # of a panel, in inches
COLUMNS = 2


class Figure(NamedTuple):
    """A column of the table and a panel of the picture: the rows' key, its short and its long name."""

    key: str
    short: str
    title: str
    digits: int = 2


FIGURES = (
    Figure("clicks_per_mask", "clicks/mask", "clicks per mask, held-out photographs"),
    Figure("mean_miou", "val mIoU", "mean IoU of a box, 1, 3 and 5 clicks, held out", 3),
    Figure("masks_per_image", "masks/image", "masks per photograph labelled", 1),
    Figure("actions_per_mask", "actions/mask", "clicks and decisions per mask labelled"),
    Figure("untouched_share", "accepted", "share of proposals accepted untouched", 3),
    Figure("prefilled_share", "pre-filled", "share of masks that were proposals", 3),
)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A line for each round's model; the last one measures the last retraining, and nothing was labelled with it."""
    head = f"{'round':<7}{'model':<24}" + "".join(f"{figure.short:>14}" for figure in FIGURES)
    lines = [head]
    for row in rows:
        cells = "".join(f"{_text(row.get(figure.key), figure.digits):>14}" for figure in FIGURES)
        lines.append(f"{row['round']:<7}{row['model']:<24}{cells}")
    first, last = rows[0]["clicks_per_mask"], rows[-1]["clicks_per_mask"]
    lines.append(
        f"clicks per mask on held-out photographs: {100 * (last / first - 1):+.1f} % from first to last"
    )
    return "\n".join(lines)


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def draw_rounds(rows: Sequence[Mapping[str, Any]]) -> str:
    """An SVG with a panel for each figure over the rounds."""
    with charts.styled():
        figure, every = charts.panels(-(-len(FIGURES) // COLUMNS), COLUMNS, WIDTH, HEIGHT)
        for shown, axes in zip(FIGURES, every, strict=False):
            _panel(shown, rows, axes)
        for axes in every[len(FIGURES) :]:
            axes.set_axis_off()
        figure.suptitle("the data engine, round by round")
        return charts.svg_of(figure)


def _panel(figure: Figure, rows: Sequence[Mapping[str, Any]], axes: Axes) -> None:
    points = [(row["round"], float(row[figure.key])) for row in rows if row.get(figure.key) is not None]
    axes.plot(
        [number for number, _ in points],
        [value for _, value in points],
        "o-",
        ms=5,
        color=charts.COLOURS[0],
        gid=f"curve-{figure.key}",
    )
    for number, value in points:
        axes.annotate(
            f"{value:.{figure.digits}f}",
            (number, value),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.set_title(figure.title, loc="left", fontsize=10)
    axes.set_xticks([row["round"] for row in rows], [f"round {row['round']}" for row in rows], fontsize=9)
    axes.set_xlim(-0.3, max(1, rows[-1]["round"]) + 0.3)
    # From zero: how much less it became is to be seen as it is.
    axes.set_ylim(0, 1.2 * max((value for _, value in points), default=0.0) or 1.0)
