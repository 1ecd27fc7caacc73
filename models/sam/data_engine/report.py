"""The rounds of the data engine as a table and as a picture."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from models.sam.training.plot import nice_ticks

PANEL_WIDTH, PANEL_HEIGHT, LEFT, TOP, GAP = 300, 170, 46, 52, 58
COLUMNS = 2
BLUE = "#1f5fa8"


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
    lines = -(-len(FIGURES) // COLUMNS)
    width = COLUMNS * (LEFT + PANEL_WIDTH) + 30
    height = TOP + lines * (PANEL_HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">the data engine, round by round</text>',
    ]
    for number, figure in enumerate(FIGURES):
        left = LEFT + (number % COLUMNS) * (LEFT + PANEL_WIDTH)
        top = TOP + (number // COLUMNS) * (PANEL_HEIGHT + GAP)
        parts += _panel(figure, rows, left, top)
    return "\n".join([*parts, "</svg>", ""])


def _panel(figure: Figure, rows: Sequence[Mapping[str, Any]], left: int, top: int) -> list[str]:
    points = [(row["round"], float(row[figure.key])) for row in rows if row.get(figure.key) is not None]
    # From zero: how much less it became is to be seen as it is.
    high = 1.15 * max((value for _, value in points), default=0.0) or 1.0
    last_round = max(1, rows[-1]["round"])

    def place(number: int, value: float) -> tuple[float, float]:
        margin = 24
        x = left + margin + (PANEL_WIDTH - 2 * margin) * number / last_round
        return x, top + PANEL_HEIGHT * (1 - value / high)

    parts = [f'<text x="{left}" y="{top - 8}">{escape(figure.title)}</text>']
    for tick in nice_ticks(0, high):
        y = place(0, tick)[1]
        parts.append(f'<path d="M{left} {y:.1f}h{PANEL_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    placed = [place(*point) for point in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>')
    for (x, y), (number, value) in zip(placed, points, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{BLUE}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:.{figure.digits}f}</text>'
        )
        parts.append(
            f'<text x="{x:.1f}" y="{top + PANEL_HEIGHT + 16}" text-anchor="middle">round {number}</text>'
        )
    return parts
