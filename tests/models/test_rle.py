"""COCO RLE: agreement with pycocotools, round trips, malformed input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from models.sam import rle

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=40))


@given(MASKS)
def test_encoding_equals_pycocotools(mask: np.ndarray) -> None:
    expected = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    answer = rle.encode(mask)
    assert answer["size"] == list(expected["size"])
    assert answer["counts"].encode() == expected["counts"]
    assert rle.area(answer) == int(coco.area(expected)) == int(mask.sum())


@given(MASKS)
def test_decoding_undoes_encoding(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(rle.decode(rle.encode(mask)), mask)


@given(st.lists(st.integers(1, 1 << 22), min_size=1, max_size=30), st.booleans())
def test_long_runs_survive_the_string(runs: list[int], starts_with_foreground: bool) -> None:
    runs = [0, *runs] if starts_with_foreground else runs
    text = rle.runs_to_string(runs)
    assert rle.string_to_runs(text).tolist() == runs
    # pycocotools has the same string for the same runs.
    size = [sum(runs), 1]
    assert coco.frPyObjects({"size": size, "counts": runs}, *size)["counts"] == text.encode()


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_large_masks_agree_with_pycocotools(seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = np.zeros((random.integers(200, 700), random.integers(200, 700)), bool)
    for _ in range(5):
        y, x = random.integers(0, mask.shape[0]), random.integers(0, mask.shape[1])
        mask[y : y + random.integers(1, 300), x : x + random.integers(1, 300)] ^= True
    answer = rle.encode(mask)
    np.testing.assert_array_equal(coco.decode({**answer, "counts": answer["counts"].encode()}), mask)


def test_uncompressed_counts_and_bytes_are_read_too() -> None:
    mask = np.array([[0, 1, 1], [1, 1, 0]], bool)
    assert rle.mask_to_runs(mask).tolist() == [1, 4, 1]
    np.testing.assert_array_equal(rle.decode({"size": [2, 3], "counts": [1, 4, 1]}), mask)
    np.testing.assert_array_equal(
        rle.decode({"size": [2, 3], "counts": rle.encode(mask)["counts"].encode()}), mask
    )


def test_all_foreground_starts_with_an_empty_run() -> None:
    assert rle.mask_to_runs(np.ones((2, 2), bool)).tolist() == [0, 4]
    assert rle.mask_to_runs(np.zeros((2, 2), bool)).tolist() == [4]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 4], "cover 5 pixels"),
        ([7, -1], "cover 6 pixels"),
        ("é", "only the characters"),
        ("P", "cut off"),
        ("o" * 20 + "0", "above 60 bits"),
        ("N", "negative run"),
    ],
)
def test_malformed_counts_are_refused(counts: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rle.decode({"size": [2, 3], "counts": counts})


def test_a_mask_has_two_axes() -> None:
    with pytest.raises(ValueError, match=r"\[1, 2, 3\]"):
        rle.encode(np.zeros((1, 2, 3), bool))
