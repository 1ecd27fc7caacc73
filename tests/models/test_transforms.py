"""Resize rounding and coordinates against helpers.npz."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.sam.transforms import resize_image, resize_tensor, resized_size, scale_boxes, scale_coords


@pytest.mark.parametrize("side", [1024, 256])
def test_resized_sizes_match(golden: Path, side: int) -> None:
    helpers = np.load(golden / "helpers.npz")
    sizes = [resized_size(int(h), int(w), side) for h, w in helpers["resize_sizes_in"]]
    # The reference rounds the short side of 3 x 2000 down to 0, which no image can have: here it is 1.
    assert sizes == [(max(1, h), max(1, w)) for h, w in helpers[f"resize_to_{side}"].tolist()]


def test_coordinates_match(golden: Path) -> None:
    helpers = np.load(golden / "helpers.npz")
    coords = scale_coords(helpers["coords_in"], (180, 270), 256)
    np.testing.assert_array_equal(coords, helpers["coords_out_256_from_180x270"])
    boxes = scale_boxes(helpers["boxes_in"], (180, 270), 256)
    np.testing.assert_array_equal(boxes, helpers["boxes_out_256_from_180x270"])


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.sampled_from([256, 512, 1024]))
def test_the_long_side_is_exact_and_no_side_vanishes(height: int, width: int, side: int) -> None:
    new = resized_size(height, width, side)
    assert max(new) == side
    assert min(new) >= 1


def test_sizes_must_be_positive() -> None:
    with pytest.raises(ValueError, match="0 x 5"):
        resized_size(0, 5, 1024)


def test_the_float_path_is_close_to_the_8_bit_path(golden: Path) -> None:
    image = np.load(golden / "tiny_encoder.npz")["image_u8"]
    tensor = resize_tensor(torch.from_numpy(image).permute(2, 0, 1)[None].float(), 128)
    difference = tensor[0].permute(1, 2, 0).numpy() - resize_image(image, 128)
    assert difference.shape == (85, 128, 3)
    assert np.abs(difference).max() < 1.5
