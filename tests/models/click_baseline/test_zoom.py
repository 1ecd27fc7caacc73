"""Windows by hand, and points in them."""

import numpy as np
import pytest

from models.sam.click_baseline.answering import points_in
from models.sam.click_baseline.zoom import next_window, view_of, window_iou, zoom_window

NOWHERE = np.zeros((0, 2))


def blob() -> np.ndarray:
    mask = np.zeros((200, 160), bool)
    mask[40:60, 30:50] = True
    return mask


def test_a_window_is_four_tenths_larger_than_mask_and_clicks() -> None:
    assert zoom_window(blob(), NOWHERE, 0) == (26, 36, 54, 64)
    # The click at x = 69 makes the box 40 wide: 56, about x = 50.
    assert zoom_window(blob(), np.array([[69.0, 45.0]]), 0) == (22, 36, 78, 64)


def test_a_window_is_not_too_small_and_stays_in_the_photograph() -> None:
    assert zoom_window(blob(), NOWHERE, 100) == (0, 0, 90, 100)
    assert zoom_window(np.ones((200, 160), bool), NOWHERE, 0) == (0, 0, 160, 200)


def test_a_window_stays_while_it_holds_the_clicks_and_is_about_right() -> None:
    present, inside = (0, 0, 100, 100), np.array([[99.0, 50.0]])
    assert window_iou(present, (0, 0, 50, 100)) == 0.5
    assert next_window(None, present, inside) == present
    assert next_window(present, (10, 0, 100, 100), inside) == present
    assert next_window(present, (0, 0, 49, 100), NOWHERE) == (0, 0, 49, 100)
    assert next_window(present, (20, 0, 120, 100), np.array([[100.0, 50.0]])) == (20, 0, 120, 100)


def test_points_keep_to_the_middles_of_pixels() -> None:
    view = view_of((10, 20, 30, 60), 80)
    assert (view.height, view.width) == (80, 40)
    assert points_in(view, np.array([[10.0, 20.0], [29.0, 59.0]])).tolist() == [[0.5, 0.5], [38.5, 78.5]]


@pytest.mark.parametrize("side", [64, 96, 256])
def test_the_longer_side_is_the_side_asked_for(side: int) -> None:
    views = [view_of(window, side) for window in ((0, 0, 17, 31), (3, 4, 40, 9), (0, 0, 5, 5))]
    assert [max(view.height, view.width) for view in views] == [side] * 3
