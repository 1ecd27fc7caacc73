import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from pycocotools import mask as coco_mask

from backend.common.errors import InvalidInput
from backend.formats.rle import region_parse
from tests.builders import encode_mask

masks = npst.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24)))


def code_of(counts: str, height: int = 4, width: int = 6) -> str:
    with pytest.raises(InvalidInput) as caught:
        region_parse(counts, height=height, width=width)
    return caught.value.code


@given(masks.filter(np.any))
def test_counts_box_and_area_agree_with_pycocotools(mask: np.ndarray) -> None:
    segmentation = encode_mask(mask)
    region = region_parse(segmentation["counts"], height=mask.shape[0], width=mask.shape[1])
    packed = {"size": segmentation["size"], "counts": region.counts.encode()}
    assert np.array_equal(coco_mask.decode(packed).astype(bool), mask)
    assert region.counts == segmentation["counts"]
    assert region.area == mask.sum()
    rows, columns = np.nonzero(mask)
    x, y, width, height = region.bbox
    assert (x, y, x + width - 1, y + height - 1) == (
        columns.min(),
        rows.min(),
        columns.max(),
        rows.max(),
    )


def encode_runs(runs: list[int]) -> str:
    """maskApi.c's rleToString, written out; the runs need not be canonical, which pycocotools would mend."""
    text = ""
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            group = value & 0x1F
            value >>= 5
            is_last = value == (-1 if group & 0x10 else 0)
            text += chr(48 + (group if is_last else group | 0x20))
            if is_last:
                break
    return text


@given(masks.filter(np.any), st.data())
def test_empty_runs_are_taken_out(mask: np.ndarray, data: st.DataObject) -> None:
    flat = mask.flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = [int(run) for run in np.diff([0, *edges, flat.size])]
    runs = [0, *runs] if flat[0] else runs
    at = data.draw(st.integers(0, len(runs) - 1))
    part = data.draw(st.integers(0, runs[at]))
    padded = [*runs[:at], part, 0, runs[at] - part, *runs[at + 1 :]]
    region = region_parse(encode_runs(padded), height=mask.shape[0], width=mask.shape[1])
    assert region.counts == encode_mask(mask)["counts"]


def test_a_large_image_needs_no_large_array() -> None:
    """200 million pixels: only the runs are looked at."""
    height, width = 10_000, 20_000
    counts = encode_runs([5 * height + 7, 100, height * width - 5 * height - 107])
    region = region_parse(counts, height=height, width=width)
    assert (region.bbox, region.area) == ((5, 7, 1, 100), 100)


def test_an_empty_mask_is_refused() -> None:
    assert code_of(encode_runs([24])) == "mask.empty"
    assert code_of(encode_runs([20, 0, 4])) == "mask.empty"


@pytest.mark.parametrize(
    "counts",
    [
        encode_runs([10, 5]),
        encode_runs([10, 5, 100]),
        encode_runs([30, -6]),
        encode_runs([10, 4, 10])[:-1] + "P",
        "o" * 20 + "0",
        "Po" * 3,
        "hello world",
        "é",
        "p",
        "",
    ],
)
def test_what_is_no_rle_of_this_size_is_refused(counts: str) -> None:
    assert code_of(counts) == "mask.rle_invalid"


@given(st.text(alphabet=[chr(code) for code in range(40, 120)], max_size=40))
def test_arbitrary_text_is_parsed_or_refused(counts: str) -> None:
    try:
        region = region_parse(counts, height=4, width=6)
    except InvalidInput:
        return
    assert 0 < region.area <= 24
