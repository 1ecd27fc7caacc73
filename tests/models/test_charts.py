"""Plots of reports."""

import pytest
from matplotlib.figure import Figure

from models.sam import charts


@pytest.mark.parametrize(("length", "columns"), [(5, 3), (25, 2), (50, 1)])
def test_a_legend_is_no_wider_than_its_plot(length: int, columns: int) -> None:
    with charts.styled():
        figure, (axes,) = charts.panels(1, 1, 6.4, 3.8)
        assert isinstance(figure, Figure)
        for letter in "abc":
            axes.plot([0, 1], [0, 1], label=letter * length)
        charts.legend_above(figure)
        figure.draw_without_rendering()
        (legend,) = figure.legends
        box = legend.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert legend._ncols == columns
