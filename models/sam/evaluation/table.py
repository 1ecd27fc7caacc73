"""The evaluation report as text, at most 120 characters wide."""

from typing import Any

from models.sam.evaluation.box_rows import SIZE_CLASSES
from models.sam.evaluation.report import COLUMNS

BOX_GROUPS = ("variants", "baselines")


def table_of(report: dict[str, Any]) -> str:
    """All figures of `report.report_of` a person looks at first, in blocks apart by an empty line."""
    blocks = [_prompts(report), _iou_head(report)]
    if any(report.get(group) for group in BOX_GROUPS):
        blocks.append(_boxes(report))
    return "\n\n".join(blocks)


def _prompts(report: dict[str, Any]) -> str:
    """One line per data set, per size, for all masks, the mean of sets and the grey control."""
    rows = [(name, entry) for name, entry in report["datasets"].items()]
    rows += [(name, entry) for name, entry in report["by_size"].items() if entry["masks"]]
    rows += [("all masks", report), ("mean of sets", {"images": "", "masks": ""} | report["dataset_mean"])]
    if "grey_box_miou" in report:
        grey = {name: report[f"grey_{name}"] for name in COLUMNS}
        rows.append(("all, image grey", {"images": "", "masks": report["masks"]} | grey))
    head = f"{'mean IoU':20}{'images':>8}{'masks':>8}" + "".join(
        f"{name.removesuffix('_miou'):>13}" for name in COLUMNS
    )
    lines = [head]
    for name, entry in rows:
        figures = "".join(_figure(entry[key], 13) for key in COLUMNS)
        lines.append(f"{name:20}{entry.get('images', '')!s:>8}{entry['masks']!s:>8}{figures}")
    return "\n".join(lines)


def _iou_head(report: dict[str, Any]) -> str:
    """Rank correlation, the confident masks and the reliability table of the first click's candidates."""
    confident = report["confident"]
    bins = report["reliability"]
    by_size = ", ".join(
        f"{name} {_figure(report['by_size'][name]['iou_rank_correlation'])}" for name in SIZE_CLASSES
    )
    return "\n".join(
        [
            f"predicted IoU, 1 click: rank correlation {_figure(report['iou_rank_correlation'])} over all "
            f"candidates ({by_size}),",
            f"  {_figure(report['iou_rank_correlation_top'])} over the top-ranked; "
            f"top-ranked is the best in {_percent(report['click1_top_is_best'])}",
            f"predicted > {confident['threshold']:.2f}: {_percent(confident['share'])} of "
            f"{confident['candidates']} candidates; {_percent(confident['true_share'])} of those truly, "
            f"mean true IoU {_figure(confident['mean_true_iou'])}",
            f"{'predicted from':20}" + "".join(f"{one['low']:8.1f}" for one in bins),
            f"{'  candidates':20}" + "".join(f"{one['count']:8}" for one in bins),
            f"{'  mean predicted':20}" + "".join(_figure(one["mean_predicted"], 8) for one in bins),
            f"{'  mean true':20}" + "".join(_figure(one["mean_true"], 8) for one in bins),
        ]
    )


def _boxes(report: dict[str, Any]) -> str:
    """The model's box prompt, its variants and the baselines, each also by size and against the plain box."""
    sizes = {name: report["by_size"][name]["box_miou"] for name in SIZE_CLASSES}
    lines = [
        f"{'from the same boxes':20}{'all':>8}{'+-':>8}"
        + "".join(f"{name:>8}" for name in SIZE_CLASSES)
        + f"{'mean of sets':>14}{'minus the model':>17}{'+-':>8}",
        f"{'model, box':20}{_figure(report['box_miou'], 8)}{'':8}"
        + "".join(_figure(value, 8) for value in sizes.values())
        + _figure(report["dataset_mean"]["box_miou"], 14),
    ]
    for group in BOX_GROUPS:
        for name, row in report.get(group, {}).items():
            lines.append(
                f"{name:20}{_figure(row['miou'], 8)}{_figure(row['standard_error'], 8)}"
                + "".join(_figure(row["by_size"][size], 8) for size in SIZE_CLASSES)
                + f"{_figure(row['dataset_mean'], 14)}{_figure(row['minus_box']['mean'], 17)}"
                + _figure(row["minus_box"]["standard_error"], 8)
            )
    return "\n".join([*lines, "+-: standard error of the mean over masks; of the paired difference"])


def _figure(value: float | None, width: int = 0) -> str:
    return ("-" if value is None else f"{value:.3f}").rjust(width)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
