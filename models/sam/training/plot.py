"""The curves of a run as one SVG, written by hand: losses, IoU, learning rate over the views seen, stages as bands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from models.sam.training.metrics import read_log

WIDTH, PANEL_HEIGHT = 860, 210
LEFT, RIGHT, TOP, GAP, BOTTOM = 78, 16, 34, 26, 46
COLOURS = ("#1f5fa8", "#c2571a", "#2c8a4b", "#7a4fa3")
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
    panels = [panel for panel in PANELS if any(name in line for line in lines for name, _ in panel.series)]
    height = TOP + len(panels) * (PANEL_HEIGHT + GAP) + BOTTOM
    x_max = max(float(line["views"]) for line in lines) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    bottom = TOP
    for number, panel in enumerate(panels):
        top = TOP + GAP + number * (PANEL_HEIGHT + GAP)
        bottom = top + PANEL_HEIGHT
        parts += _stage_bands(lines, x_max, top, labelled=number == 0)
        parts += _panel(panel, lines, x_max, top)
    for tick in nice_ticks(0, x_max):
        x = _x(tick, x_max)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{_number(tick)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{bottom + 36}" text-anchor="middle">views of images</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, lines: Sequence[dict[str, Any]], x_max: float, top: int) -> list[str]:
    curves = [_curve(lines, name) for name, _ in panel.series]
    values = [y for curve in curves for _, y in curve]
    logarithmic = panel.logarithmic and min(values) > 0
    if logarithmic:
        values = [math.log10(value) for value in values]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or abs(high) * 0.1 or 1.0
    low, high = low - margin, high + margin

    def place(value: float) -> float:
        level = math.log10(value) if logarithmic else value
        return top + PANEL_HEIGHT * (high - level) / (high - low)

    ticks = log_ticks(10**low, 10**high) if logarithmic else nice_ticks(low, high)
    parts = []
    for tick in ticks:
        y = place(tick)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(tick)}</text>')
    parts.append(
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH - RIGHT - LEFT}" height="{PANEL_HEIGHT}" fill="none" stroke="#888"/>'
    )
    middle = top + PANEL_HEIGHT / 2
    title = panel.title + (" (log)" if logarithmic else "")
    parts.append(
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{escape(title)}</text>'
    )
    for index, (curve, (_, label)) in enumerate(zip(curves, panel.series, strict=True)):
        if not curve:
            continue
        points = " ".join(f"{_x(x, x_max):.1f},{place(y):.1f}" for x, y in curve)
        colour = COLOURS[index]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        if len(panel.series) > 1:
            y = top + PANEL_HEIGHT - 10 - 16 * (len(panel.series) - 1 - index)
            x = WIDTH - RIGHT - 8
            parts.append(
                f'<text x="{x}" y="{y}" text-anchor="end" fill="{colour}">{escape(label)}: {curve[-1][1]:.3f}</text>'
            )
    return parts


def _curve(lines: Sequence[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    """(views, value) of a series, averaged over neighbours where there are very many."""
    points = [(float(line["views"]), float(line[name])) for line in lines if name in line]
    group = -(-len(points) // POINTS)
    chunks = [points[i : i + group] for i in range(0, len(points), max(group, 1))]
    return [
        (sum(x for x, _ in chunk) / len(chunk), sum(y for _, y in chunk) / len(chunk)) for chunk in chunks
    ]


def _stage_bands(lines: Sequence[dict[str, Any]], x_max: float, top: int, labelled: bool) -> list[str]:
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
    parts = []
    for number, (side, start, end) in enumerate(bands):
        x, width = _x(start, x_max), _x(end, x_max) - _x(start, x_max)
        if number % 2:
            parts.append(
                f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{PANEL_HEIGHT}" fill="#f1f4f8"/>'
            )
        if labelled:
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{top - 5}" text-anchor="middle" fill="#666">{side} px</text>'
            )
    return parts


def _x(views: float, x_max: float) -> float:
    return LEFT + (WIDTH - RIGHT - LEFT) * views / x_max


def nice_ticks(low: float, high: float) -> list[float]:
    """Four to eight round numbers between low and high."""
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = min((factor * power for factor in (1, 2, 5, 10)), key=lambda value: abs(value - raw))
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2, 5 times powers of ten between low and high; round numbers if there are fewer than two of those."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= tick <= high]
    return inside if len(inside) >= 2 else [tick for tick in nice_ticks(low, high) if tick > 0]


def _number(value: float) -> str:
    """Short: 12000 as 12k, 0.0004 as 4e-4."""
    if value == 0:
        return "0"
    if abs(value) >= 1e4:
        return f"{value / 1e3:g}k"
    if abs(value) < 1e-2:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:.4g}"
