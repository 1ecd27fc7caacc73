"""The curves of a run as one SVG: losses, IoU, learning rate over the views seen, stages as bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, FuncFormatter, Locator, LogLocator, MaxNLocator, NullFormatter

from models.sam import charts
from models.sam.training.metrics import read_log

WIDTH, HEIGHT = 8.6, 2.4  # of a panel, in inches
BAND = "#f1f4f8"
MOST_TICKS = 30  # said, or matplotlib leaves out all of them where it finds little room
POINTS = 800  # of a curve at most: neighbours are averaged beyond that


@dataclass(frozen=True)
class Panel:
    """One diagram: its y axis' title, and the log's names with what the legend calls them."""

    title: str
    series: tuple[tuple[str, str], ...]
    logarithmic: bool = False


PANELS = (
    Panel("loss", (("loss", "loss"),), logarithmic=True),
    Panel("IoU", (("first_iou", "first prompt, best of 3"), ("last_iou", "last pass"))),
    Panel("learning rate", (("rate", "learning rate"),)),
)


def write_plot(log: Path, output: Path) -> bool:
    """Draw the metrics file `log` to `output` (replaced in one piece); False if there is nothing to draw yet."""
    lines = read_log(log)
    if not lines:
        return False
    partial = output.with_suffix(".partial")
    partial.write_text(draw_plot(lines, title=log.parent.name), encoding="utf-8")
    partial.replace(output)
    return True


def draw_plot(lines: Sequence[dict[str, Any]], title: str) -> str:
    """The SVG of a log's lines; panels without numbers are left out."""
    shown = [panel for panel in PANELS if any(name in line for line in lines for name, _ in panel.series)]
    with charts.styled():
        figure, every = charts.panels(len(shown), 1, WIDTH, HEIGHT, share_x=True)
        for panel, axes in zip(shown, every, strict=True):
            _stage_bands(lines, axes, labelled=axes is every[0])
            _panel(panel, lines, axes)
        every[0].set_title(title, loc="left", fontweight="bold", pad=20)
        every[-1].set_xlabel("views of images")
        every[-1].xaxis.set_major_formatter(EngFormatter(sep=""))
        every[-1].set_xlim(0, max(float(line["views"]) for line in lines) or 1.0)
        return charts.svg_of(figure)


def _panel(panel: Panel, lines: Sequence[dict[str, Any]], axes: Axes) -> None:
    values: list[float] = []
    for (name, label), colour in zip(panel.series, charts.COLOURS, strict=False):
        curve = _curve(lines, name)
        if curve:
            xs, ys = zip(*curve, strict=True)
            axes.plot(xs, ys, color=colour, lw=1.4, label=f"{label}: {ys[-1]:.3f}", gid=f"curve-{name}")
            values += ys
    is_logarithmic = panel.logarithmic and min(values) > 0
    axes.set_ylabel(panel.title + (" (log)" if is_logarithmic else ""))
    if is_logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(_logarithmic_ticks(*axes.get_ylim()))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    if len(panel.series) > 1:
        axes.legend(loc="lower right")


def _logarithmic_ticks(low: float, high: float) -> Locator:
    """At powers of ten, and at twice and five times these where there are few; at even steps within less than that."""
    is_wide = high > 100 * low
    locator = LogLocator(subs=(1.0,) if is_wide else (1.0, 2.0, 5.0), numticks=MOST_TICKS)
    inside = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
    return locator if len(inside) >= 2 else MaxNLocator(5)


def _curve(lines: Sequence[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    """(views, value) of a series, averaged over neighbours where there are very many."""
    points = [(float(line["views"]), float(line[name])) for line in lines if name in line]
    group = -(-len(points) // POINTS)
    chunks = [points[i : i + group] for i in range(0, len(points), max(group, 1))]
    return [
        (sum(x for x, _ in chunk) / len(chunk), sum(y for _, y in chunk) / len(chunk)) for chunk in chunks
    ]


def _stage_bands(lines: Sequence[dict[str, Any]], axes: Axes, labelled: bool) -> None:
    """A tinted band for every second stage; the side stands above it."""
    bands: list[tuple[int, float, float]] = []
    before = 0.0
    for line in lines:
        side, views = int(line["side"]), float(line["views"])
        if bands and bands[-1][0] == side:
            bands[-1] = side, bands[-1][1], views
        else:
            bands.append((side, before, views))
        before = views
    for number, (side, start, end) in enumerate(bands):
        if number % 2:
            axes.axvspan(start, end, color=BAND, lw=0, zorder=0)
        if labelled:
            axes.text(
                (start + end) / 2,
                1.03,
                f"{side} px",
                transform=axes.get_xaxis_transform(),
                ha="center",
                color=charts.GREY,
            )
