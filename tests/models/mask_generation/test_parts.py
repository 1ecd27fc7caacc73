"""The generator's parts against golden arrays, and against plainer ways to say the same."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.sam import rle
from models.sam.boxes import tight_box
from models.sam.mask_generation.crops import crops_of
from models.sam.mask_generation.filters import boxes_of, is_cut_off, stability_of
from models.sam.mask_generation.grid import point_grid
from models.sam.mask_generation.nms import suppress
from models.sam.mask_generation.pasting import pasted_runs
from models.sam.mask_generation.regions import drop_small_islands, fill_small_holes
from models.sam.mask_generation.settings import GeneratorSettings
from models.sam.postprocess import stability_score
from models.sam.refine import paste


@pytest.fixture(scope="module")
def helpers(golden: Path) -> Mapping[str, np.ndarray]:
    return np.load(golden / "amg_helpers.npz")


@pytest.fixture(scope="module")
def facts(golden: Path) -> dict[str, dict]:
    return json.loads((golden / "amg_helpers.json").read_text())


@pytest.mark.parametrize("side", [1, 2, 4, 32])
def test_grids(side: int, helpers: Mapping[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(point_grid(side), helpers[f"grid_{side}"])


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_grids_of_layers(layer: int, helpers: Mapping[str, np.ndarray]) -> None:
    side = GeneratorSettings(crop_n_points_downscale_factor=2).points_in_layer(layer)
    np.testing.assert_array_equal(point_grid(side), helpers[f"layer_grid_32_2_2_{layer}"])


def test_crops(facts: dict[str, dict]) -> None:
    assert len(facts["crop_boxes"]) == 5
    for name, expected in facts["crop_boxes"].items():
        size, layers = name.split("_")
        height, width = (int(side) for side in size.split("x"))
        crops = crops_of((height, width), int(layers), 512 / 1500)
        assert [list(crop.window) for crop in crops] == expected["boxes"]
        assert [crop.layer for crop in crops] == expected["layers"]


@pytest.mark.parametrize("offset", [0.5, 1.0])
def test_stability(offset: float, helpers: Mapping[str, np.ndarray]) -> None:
    score = stability_of(torch.tensor(helpers["logits"]), 0.0, offset)
    torch.testing.assert_close(score, stability_score(torch.tensor(helpers["logits"]), 0.0, offset))
    np.testing.assert_allclose(score, helpers[f"stability_off{offset}"], atol=1e-6)


def test_boxes(helpers: Mapping[str, np.ndarray]) -> None:
    masks = torch.tensor(helpers["logits"]) > 0
    np.testing.assert_array_equal(masks, helpers["masks"])
    np.testing.assert_array_equal(boxes_of(masks), helpers["boxes_xyxy"])
    np.testing.assert_array_equal(boxes_of(masks.unflatten(0, (2, 3))), helpers["boxes_nested_2x3"])
    np.testing.assert_array_equal(boxes_of(torch.zeros(2, 48, 60) > 0), helpers["boxes_empty"])


def test_boxes_at_an_edge(helpers: Mapping[str, np.ndarray]) -> None:
    for window, key in (
        ((0, 0, 180, 140), "near_edge_crop0_0_180_140"),
        ((0, 0, 320, 240), "near_edge_fullimage"),
    ):
        cut_off = is_cut_off(helpers["near_edge_boxes"], window, (240, 320))
        np.testing.assert_array_equal(cut_off, helpers[key])


@given(
    box=st.tuples(*[st.integers(0, 199)] * 4),
    corner=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    side=st.integers(40, 140),
)
def test_a_box_is_cut_off_where_it_comes_near_an_edge_inside_the_image(
    box: tuple[int, int, int, int], corner: tuple[int, int], side: int
) -> None:
    window = (*corner, corner[0] + side, corner[1] + side)
    expected = any(
        abs(value - edge) <= 20 and abs(value - border) > 20
        for value, edge, border in zip(box, window, (0, 0, 220, 200), strict=True)
    )
    assert is_cut_off(np.array([box]), window, (200, 220)).tolist() == [expected]


@pytest.mark.parametrize("area", [10, 40, 1000])
def test_small_regions(area: int, helpers: Mapping[str, np.ndarray]) -> None:
    for name, change in (("holes", fill_small_holes), ("islands", drop_small_islands)):
        mask, is_changed = change(helpers["region_mask"], area)
        np.testing.assert_array_equal(mask, helpers[f"region_{name}_{area}"])
        assert is_changed == helpers[f"region_{name}_{area}_changed"]


def test_regions_meet_at_corners() -> None:
    diagonal = np.eye(6, dtype=bool)
    assert not drop_small_islands(diagonal, 6)[1]
    assert not fill_small_holes(~diagonal, 6)[1]
    assert fill_small_holes(~diagonal, 7)[0].all()


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_suppression(threshold: float, helpers: Mapping[str, np.ndarray]) -> None:
    kept = suppress(helpers["nms_boxes"], helpers["nms_scores"], threshold)
    np.testing.assert_array_equal(kept, helpers[f"nms_keep_{threshold}"])


def test_of_equal_scores_the_earlier_box_wins(helpers: Mapping[str, np.ndarray]) -> None:
    kept = suppress(helpers["nms_boxes"], np.ones(60), 0.5)
    np.testing.assert_array_equal(kept, helpers["nms_keep_ties_0.5"])


def naive_suppression(boxes: list[tuple[int, ...]], scores: list[int], threshold: float) -> list[int]:
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda index: -scores[index]):
        for better in kept:
            (a0, b0, a1, b1), (c0, d0, c1, d1) = boxes[index], boxes[better]
            shared = max(0, min(a1, c1) - max(a0, c0)) * max(0, min(b1, d1) - max(b0, d0))
            union = (a1 - a0) * (b1 - b0) + (c1 - c0) * (d1 - d0) - shared
            if union and np.float32(shared) / np.float32(union) > np.float64(threshold):
                break
        else:
            kept.append(index)
    return kept


@given(
    rows=st.lists(st.tuples(*[st.integers(0, 12)] * 4, st.integers(0, 3)), max_size=40),
    threshold=st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0]),
)
def test_suppression_pair_by_pair(rows: list[tuple[int, ...]], threshold: float) -> None:
    boxes = [(x, y, x + width, y + height) for x, y, width, height, _ in rows]
    scores = [row[4] for row in rows]
    kept = suppress(np.array(boxes).reshape(-1, 4), np.array(scores), threshold)
    assert kept.tolist() == naive_suppression(boxes, scores, threshold)


def test_run_lengths(helpers: Mapping[str, np.ndarray], facts: dict[str, dict]) -> None:
    for mask, plain, compressed, area in zip(
        helpers["masks"], facts["uncompressed"], facts["coco"], facts["area"], strict=True
    ):
        runs = pasted_runs(mask, (0, 0), mask.shape)
        assert runs.tolist() == plain["counts"]
        assert rle.runs_to_string(runs) == compressed["counts"]
        assert runs[1::2].sum() == area


def test_pasted_masks_points_and_boxes(helpers: Mapping[str, np.ndarray]) -> None:
    for mask, expected in zip(helpers["masks"][:2], helpers["uncrop_masks"], strict=True):
        np.testing.assert_array_equal(
            rle.runs_to_mask(pasted_runs(mask, (10, 20), (100, 120)), (100, 120)), expected
        )


@given(
    bits=st.lists(st.booleans(), min_size=1, max_size=48),
    columns=st.integers(1, 6),
    margins=st.tuples(*[st.integers(0, 3)] * 4),
)
def test_pasted_runs_are_those_of_the_drawn_photograph(
    bits: list[bool], columns: int, margins: tuple[int, int, int, int]
) -> None:
    mask = np.array(bits[: len(bits) // columns * columns] or [True] * columns).reshape(-1, columns)
    left, top, right, bottom = margins
    size = top + mask.shape[0] + bottom, left + columns + right
    window = (left, top, left + columns, top + mask.shape[0])
    (drawn,) = paste(mask[None], window, size)
    assert pasted_runs(mask, (left, top), size).tolist() == rle.mask_to_runs(drawn).tolist()


def test_inclusive_boxes_end_a_pixel_before_tight_ones() -> None:
    mask = np.zeros((9, 12), dtype=bool)
    mask[2:5, 3:10] = True
    x0, y0, x1, y1 = tight_box(mask)
    assert boxes_of(torch.from_numpy(mask)).tolist() == [x0, y0, x1 - 1, y1 - 1]
