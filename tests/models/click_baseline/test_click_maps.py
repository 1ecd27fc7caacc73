"""Disks are where the clicks are, pixel by pixel."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sam.click_baseline.click_maps import RADIUS, click_maps

PLUS = [[0, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]
CORNER = [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 1]]


def test_disks_of_radius_one_by_hand() -> None:
    coords = torch.tensor([[[1.0, 1.0], [4.0, 3.0], [2.0, 2.0]]])
    maps = click_maps(coords, torch.tensor([[1, 0, -1]]), (4, 5), radius=1)
    assert maps.dtype == torch.float32
    assert maps[0, 0].tolist() == PLUS
    assert maps[0, 1].tolist() == CORNER


def test_a_whole_disk_has_81_pixels_and_two_are_one_map() -> None:
    coords = torch.tensor([[[20.0, 20.0], [21.0, 20.0]], [[20.4, 19.6], [50.0, 50.0]]])
    maps = click_maps(coords, torch.tensor([[1, 1], [1, 0]]), (64, 64))
    assert maps.sum(dim=(2, 3)).tolist() == [[81 + 2 * RADIUS + 1, 0], [81, 81]]
    assert maps.max() == 1
    # The nearest pixel is the middle.
    assert maps[1, 0, 20, 20 - RADIUS] == maps[1, 0, 20 + RADIUS, 20] == 1


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-9, 30), st.integers(-9, 30), st.sampled_from((-1, 0, 1))),
        min_size=1,
        max_size=4,
    )
)
def test_a_pixel_is_set_within_the_radius_of_a_click_of_its_map(clicks: list[tuple[int, int, int]]) -> None:
    coords = torch.tensor([[[x, y] for x, y, _ in clicks]], dtype=torch.float32)
    maps = click_maps(coords, torch.tensor([[label for *_, label in clicks]]), (17, 23)).numpy()
    y, x = np.mgrid[:17, :23]
    for channel, label in enumerate((1, 0)):
        near = [(x - cx) ** 2 + (y - cy) ** 2 <= RADIUS**2 for cx, cy, one in clicks if one == label]
        expected = np.any(near, axis=0) if near else np.zeros((17, 23), bool)
        assert (maps[0, channel] == expected).all()
