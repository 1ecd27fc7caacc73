"""The evaluation report as text, at most 120 characters wide."""

from typing import Any

from models.sam.evaluation.report import COLUMNS, SIZE_CLASSES


def table_of(report: dict[str, Any]) -> str:
    """All figures of `report.report_of` a person looks at first, in blocks apart by an empty line."""
    return "\n\n".join([_prompts(report), _iou_head(report)])


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


def _figure(value: float | None, width: int = 0) -> str:
    return ("-" if value is None else f"{value:.3f}").rjust(width)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
