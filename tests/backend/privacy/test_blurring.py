"""Regions dissolved: what may be left of them, and that nothing beside them is touched."""

import io

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.common.errors import InvalidInput, Unavailable
from backend.privacy.blurring import blur, dissolved
from backend.privacy.detecting import Kind
from tests.backend.privacy.detectors import BrokenDetector, CornerDetector, StubbornDetector
from tests.builders import make_pixels


def whole(pixels: np.ndarray) -> list[tuple[np.ndarray, float]]:
    return [(pixels, 1.0)]


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_of_a_region_no_more_than_nine_coarse_colours_are_left(height: int, width: int, seed: int) -> None:
    """Two patches whose cells have the same colours in 16 steps become the same: the rest of them is gone."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 16, (3, 3, 3)) * 16 + 8
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 3 // width
    plain = cells[rows][:, columns].astype(np.uint8)
    left = dissolved(plain)
    assert left.shape == plain.shape
    if height % 3 == width % 3 == 0:
        # Noise whose mean in every cell is none.
        noise = rng.integers(-6, 7, (height // 3, width // 3, 3))
        noise = noise - np.round(noise.mean((0, 1))).astype(int)
        noisy = (plain + np.clip(np.tile(noise, (3, 3, 1)), -7, 7)).astype(np.uint8)
        assert np.array_equal(dissolved(noisy), left)


def test_only_the_region_with_its_margin_changes_and_is_told() -> None:
    pixels = np.array(make_pixels(80, 60))
    before = pixels.copy()
    regions = blur(pixels, kinds=[Kind.FACE], detector=CornerDetector(), seen=whole)
    assert [(region.kind, region.box) for region in regions] == [(Kind.FACE, (0, 0, 50, 38))]
    changed = (pixels != before).any(axis=2)
    assert changed[:38, :50].mean() > 0.9
    assert not changed[38:].any()
    assert not changed[:, 50:].any()


def test_what_was_not_asked_for_is_left_alone() -> None:
    pixels = np.array(make_pixels(80, 60))
    before = pixels.copy()
    assert blur(pixels, kinds=[Kind.PLATE], detector=CornerDetector(), seen=whole) == []
    assert np.array_equal(pixels, before)


def test_what_only_a_copy_shows_is_blurred_in_the_picture_too() -> None:
    """The picture itself is too smooth to be found; a copy at half the size is not."""
    rng = np.random.default_rng(0)
    small = rng.integers(110, 140, (30, 40, 3)).astype(np.uint8)
    pixels = np.array(PIL.Image.fromarray(small).resize((160, 120), PIL.Image.Resampling.BICUBIC))
    assert CornerDetector().detect(pixels, [Kind.FACE], is_strict=True) == []

    def copies(now: np.ndarray) -> list[tuple[np.ndarray, float]]:
        reduced = PIL.Image.fromarray(now).resize((40, 30), PIL.Image.Resampling.BOX)
        return [(now, 1.0), (np.asarray(reduced), 0.25)]

    regions = blur(pixels, kinds=[Kind.FACE], detector=CornerDetector(), seen=copies)
    assert regions[0].box == (0, 0, 100, 75)


def test_a_picture_in_which_something_stays_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        blur(np.array(make_pixels()), kinds=[Kind.PLATE], detector=StubbornDetector(), seen=whole)
    assert refused.value.code == "privacy.still_detectable"


def test_whatever_a_detector_raises_refuses_the_picture() -> None:
    with pytest.raises(Unavailable) as refused:
        blur(np.array(make_pixels()), kinds=[Kind.PLATE], detector=BrokenDetector(), seen=whole)
    assert refused.value.code == "privacy.detector_failed"


def test_a_lossy_file_of_the_result_is_no_more_than_the_result() -> None:
    """Pixels of the region come from the region's nine colours alone: two pictures that differ only inside are one."""
    one = np.array(make_pixels(90, 60))
    other = one.copy()
    # The rows of each cell in another order: every mean stays.
    other[:12, :57] = other[:12, :57][::-1]
    other[12:24, :57] = other[12:24, :57][::-1]
    other[24:38, :57] = other[24:38, :57][::-1]
    files = []
    for pixels in (one, other):
        pixels[:36, :57] = dissolved(pixels[:36, :57])
        buffer = io.BytesIO()
        PIL.Image.fromarray(pixels[:36, :57]).save(buffer, "JPEG", quality=93)
        files.append(buffer.getvalue())
    assert files[0] == files[1]
