"""The drills of a run as one table: counts before -> after."""

from collections.abc import Callable, Sequence

from tests.drills.drill import Report

Cell = Callable[[Report], str]


def _both(name: str) -> Cell:
    return lambda report: f"{getattr(report.before, name)} -> {getattr(report.after, name)}"


def _verdict(report: Report) -> str:
    if report.left_out:
        return "left out"
    return "passed" if report.is_passed else "FAILED"


def _failures(report: Report) -> str:
    told = [
        f"{number} x {code if not status else f'{status} {code}'}"
        for (status, code), number in report.failures.most_common()
    ]
    return ", ".join(told) or "none"


COLUMNS: dict[str, Cell] = {
    "drill": lambda report: report.name,
    "verdict": _verdict,
    "seconds": lambda report: f"{report.seconds:.0f}",
    "masks acknowledged": _both("acknowledged"),
    "masks stored": _both("masks"),
    "lost or changed": lambda report: str(report.after.missing + report.after.changed),
    "accepted images": _both("accepted"),
    "accepted lost": lambda report: str(report.after.accepted_lost),
    "jobs": _both("jobs"),
    "not ended": lambda report: str(report.after.jobs_unfinished + report.after.jobs_failed),
    "not ready": lambda report: str(report.after.unready),
    "twice": lambda report: str(sum(report.after.doubles.values()) + report.after.unknown),
    "longest held, s": lambda report: f"{report.longest_held:.1f}",
    "failures that clients saw": _failures,
}


def table(reports: Sequence[Report]) -> str:
    """Markdown, with notes and problems below it."""
    rows = [[cell(report) for cell in COLUMNS.values()] for report in reports]
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    lines = [
        line(list(COLUMNS)),
        "|" + "|".join("-" * (width + 2) for width in widths) + "|",
        *map(line, rows),
    ]
    for report in reports:
        said = [*report.notes, *report.problems] if not report.left_out else [report.left_out]
        lines += [f"\n{report.name}: {text}" for text in said]
    return "\n".join(lines)
