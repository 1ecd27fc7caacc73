"""Drawings of reports and of training, SVG by matplotlib: the same figures give the same bytes.

Colours are of Okabe and Ito's palette, which colour-blind eyes tell apart.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
GREY = "#777777"
# Any: matplotlib types its settings by a list of all their names.
_STYLE: Any = {
    "svg.hashsalt": "anymask",
    # Text stays text: it can be read and searched.
    "svg.fonttype": "none",
    # Names of classes are anybody's: a dollar in one begins no formula.
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Line:
    """A curve. `low`, `high`: its interval, drawn as a band. `is_reference`: grey and dashed, of others' figures."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    is_reference: bool = False


def lines(
    curves: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    y_range: tuple[float, float] | None = None,
    x_ticks: Sequence[float] | None = None,
    markers: bool = True,
) -> str:
    """Curves over a common axis."""
    with styled():
        figure, (axes,) = panels(1, 1, 6.4, 3.8)
        for number, curve in enumerate(curves):
            colour = GREY if curve.is_reference else COLOURS[number % len(COLOURS)]
            style = "--" if curve.is_reference else "-"
            axes.plot(
                curve.x, curve.y, style, color=colour, marker="o" if markers else "", ms=4, label=curve.name
            )
            if curve.low:
                axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.18, lw=0)
        axes.set(xlabel=x_label, ylabel=y_label)
        if y_range:
            axes.set_ylim(*y_range)
        if x_ticks is not None:
            axes.set_xticks(list(x_ticks))
        if len(curves) > 1:
            legend_above(figure)
        return svg_of(figure)


def bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    x_label: str,
    errors: Sequence[float] = (),
    notes: Sequence[str] = (),
) -> str:
    """Horizontal bars, the first on top; those below 0 in another colour. `errors`: half the width of each interval."""
    with styled():
        figure, (axes,) = panels(1, 1, 6.4, 0.9 + 0.32 * max(1, len(names)))
        places = range(len(names))
        colours = [COLOURS[0] if value >= 0 else COLOURS[1] for value in values]
        axes.barh(places, values, color=colours, height=0.65, xerr=errors or None, ecolor="#333333")
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.axvline(0, color="#333333", lw=0.8)
        for place, note in enumerate(notes):
            axes.annotate(
                note,
                (max(values[place], 0) + (errors[place] if errors else 0), place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        if notes:
            axes.margins(x=0.12)
        axes.set_xlabel(x_label)
        return svg_of(figure)


def grouped_bars(
    groups: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    y_label: str,
    y_range: tuple[float, float] | None = None,
) -> str:
    """For each group one upright bar of each series; None leaves its place empty."""
    with styled():
        figure, (axes,) = panels(1, 1, 6.4, 3.6)
        width = 0.8 / max(1, len(series))
        for number, (name, values) in enumerate(series.items()):
            shift = (number - (len(series) - 1) / 2) * width
            known = [(place + shift, value) for place, value in enumerate(values) if value is not None]
            axes.bar(
                [place for place, _ in known],
                [value for _, value in known],
                width=width * 0.92,
                color=COLOURS[number % len(COLOURS)],
                label=name,
            )
        axes.set_xticks(range(len(groups)), groups)
        axes.grid(visible=False, axis="x")
        axes.set_ylabel(y_label)
        if y_range:
            axes.set_ylim(*y_range)
        if len(series) > 1:
            legend_above(figure)
        return svg_of(figure)


@contextmanager
def styled() -> Iterator[None]:
    """Around whatever makes and saves a figure: how they all look."""
    with mpl.rc_context(_STYLE):
        yield


def panels(
    rows: int, columns: int, width: float, height: float, *, share_x: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure of `rows * columns` axes, in reading order, each `width` by `height` inches."""
    figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots(rows, columns, sharex=share_x, squeeze=False)
    return figure, list(axes.flat)


def legend_above(figure: Figure) -> None:
    """Where it hides no bar and no curve, in as many columns as the names leave room for."""
    for columns in (3, 2, 1):
        legend = figure.legend(loc="outside upper center", ncols=columns)
        figure.draw_without_rendering()  # its width is known then
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def svg_of(figure: Figure) -> str:
    """The figure as the text of an SVG file."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
