"""The card's plots as SVG, written by hand: they need no program to be looked at, and no library to be made.

Blue and vermilion of Okabe and Ito's palette, which colour-blind eyes tell apart; the map goes from pale to dark blue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 28, 56
# Of the page and of files of their own; classes are named so that nothing else on a page has them.
STYLE: Final = """
.pl{font:12px system-ui,sans-serif;fill:#333;max-width:100%;height:auto}
.pl-bar{fill:#0072b2}.pl-axis{stroke:#888;stroke-width:1;fill:none}.pl-grid{stroke:#ddd;stroke-width:1}
.pl-ref{stroke:#d55e00;stroke-width:2;stroke-dasharray:5 3;fill:none}.pl-reftext{fill:#b34700}
.pl-cell{fill:#0072b2}.pl-frame{fill:none;stroke:#888}.pl-dot{fill:#0072b2}.pl-whisker{stroke:#0072b2;stroke-width:3}
@media (prefers-color-scheme: dark){
.pl{fill:#ddd}.pl-bar,.pl-dot,.pl-cell{fill:#56b4e9}.pl-whisker{stroke:#56b4e9}.pl-grid{stroke:#444}
.pl-ref{stroke:#e69f00}.pl-reftext{fill:#e69f00}}
"""


@dataclass(frozen=True)
class Reference:
    """A line beside the bars: at this place of the axis, from 0 to 1 of its length, with these words."""

    place: float
    text: str


@dataclass(frozen=True)
class Known:
    """A share with its interval, and what the paper reports."""

    name: str
    share: float
    low: float
    high: float
    paper: float


def bars(
    title: str,
    counts: Sequence[int],
    ticks: Sequence[tuple[float, str]],
    *,
    x_label: str,
    y_label: str,
    reference: Reference | None = None,
) -> str:
    """Counts as bars side by side; `ticks` name places of the axis, from 0 to 1 of its length."""
    inner_width, inner_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    most = max([*counts, 2])
    # Half of it is a whole number.
    most += most % 2
    step = inner_width / len(counts)
    floor = _TOP + inner_height
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = floor - share * inner_height
        parts.append(f'<line class="pl-grid" x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_count(share * most)}</text>')
    for place, count in enumerate(counts):
        height = count / most * inner_height
        parts.append(
            f'<rect class="pl-bar" x="{_LEFT + place * step + 1:.1f}" y="{floor - height:.1f}" '
            f'width="{max(step - 2, 1):.1f}" height="{height:.1f}"><title>{count:,}</title></rect>'
        )
    for at, text in ticks:
        parts.append(
            f'<text x="{_LEFT + at * inner_width:.1f}" y="{floor + 18}" text-anchor="middle">{escape(text)}</text>'
        )
    parts.append(f'<line class="pl-axis" x1="{_LEFT}" y1="{floor}" x2="{WIDTH - _RIGHT}" y2="{floor}"/>')
    if reference is not None:
        x = _LEFT + reference.place * inner_width
        is_right = reference.place > 0.6
        parts.append(f'<line class="pl-ref" x1="{x:.1f}" y1="{_TOP - 6}" x2="{x:.1f}" y2="{floor}"/>')
        parts.append(
            f'<text class="pl-reftext" x="{x + (-6 if is_right else 6):.1f}" y="{_TOP - 9}" '
            f'text-anchor="{"end" if is_right else "start"}">{escape(reference.text)}</text>'
        )
    return _svg(title, [*parts, *_labels(x_label, y_label)])


def centre_map(title: str, grid: Sequence[Sequence[int]]) -> str:
    """A square map [rows from the top][columns]: the more masks have their middle in a cell, the darker."""
    side = HEIGHT - _TOP - _BOTTOM + 40
    left, top = (WIDTH - side) / 2, 8
    cell = side / len(grid)
    most = max(max(row) for row in grid) or 1
    parts = [
        f'<rect class="pl-cell" x="{left + column * cell:.1f}" y="{top + row * cell:.1f}" width="{cell:.2f}" '
        f'height="{cell:.2f}" fill-opacity="{count / most:.3f}"><title>{count:,}</title></rect>'
        for row, counts in enumerate(grid)
        for column, count in enumerate(counts)
        if count
    ]
    parts.append(f'<rect class="pl-frame" x="{left:.1f}" y="{top}" width="{side}" height="{side}"/>')
    words = f"The image, any size. Strongest colour: {_count(most)} masks"
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">{words}</text>')
    return _svg(title, parts)


def intervals(title: str, known: Sequence[Known]) -> str:
    """Shares as dots with their intervals, what the paper reports as a dashed line; from 0 to 1."""
    left, inner = 130, WIDTH - 130 - 30
    step = 64
    floor = 16 + step * len(known)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + share * inner
        parts.append(f'<line class="pl-grid" x1="{x:.1f}" y1="12" x2="{x:.1f}" y2="{floor}"/>')
        parts.append(f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{share:.0%}</text>')
    for place, one in enumerate(known):
        y = 16 + step * (place + 0.5)
        low, high, dot, paper = (left + value * inner for value in (one.low, one.high, one.share, one.paper))
        parts += [
            f'<text x="{left - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(one.name)}</text>',
            f'<line class="pl-ref" x1="{paper:.1f}" y1="{y - 20:.1f}" x2="{paper:.1f}" y2="{y + 20:.1f}"/>',
            f'<line class="pl-whisker" x1="{low:.1f}" y1="{y:.1f}" x2="{high:.1f}" y2="{y:.1f}"/>',
            f'<circle class="pl-dot" cx="{dot:.1f}" cy="{y:.1f}" r="6"/>',
            f'<text x="{min(dot, WIDTH - 90):.1f}" y="{y + 24:.1f}" text-anchor="middle">{one.share:.1%}</text>',
        ]
    words = "masks; dashed: what the paper reports of SA-1B"
    parts.append(f'<text x="{left + inner / 2:.1f}" y="{floor + 38}" text-anchor="middle">{words}</text>')
    return _svg(title, parts, height=floor + 48)


def alone(svg: str) -> str:
    """As a file of its own."""
    return svg.replace(">", f"><style>{STYLE}</style>", 1)


def _svg(title: str, parts: Sequence[str], *, height: int = HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pl" role="img" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _labels(x_label: str, y_label: str) -> list[str]:
    middle = _TOP + (HEIGHT - _TOP - _BOTTOM) / 2
    across = _LEFT + (WIDTH - _LEFT - _RIGHT) / 2
    return [
        f'<text x="{across:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>',
        f'<text x="14" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 14 {middle:.1f})">'
        f"{escape(y_label)}</text>",
    ]


def _count(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
