"""Evaluation clicks against the golden arrays: exact points and labels, distances to 1e-9."""

from pathlib import Path

import numpy as np
import pytest

from models.sam.evaluation.clicks import farthest_point, iou, next_click

GOLDEN = Path(__file__).resolve().parents[2] / "data" / "golden" / "clicks.npz"


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(GOLDEN) as arrays:
        return {name: np.asarray(arrays[name]) for name in arrays}


def test_first_clicks_equal_the_golden_ones(golden: dict[str, np.ndarray]) -> None:
    found = [farthest_point(mask) for mask in golden["masks"]]
    assert [list(point) for point, _ in found] == golden["center_xy"].tolist()
    np.testing.assert_allclose([distance for _, distance in found], golden["center_dist"], rtol=1e-9)


def test_corrections_equal_the_golden_ones(golden: dict[str, np.ndarray]) -> None:
    pairs = list(zip(golden["preds"], golden["masks"], strict=True))
    found = [next_click(predicted, target) for predicted, target in pairs]
    assert [list(point) for point, _ in found] == golden["next_xy"].tolist()
    assert [label for _, label in found] == golden["next_label"].tolist()
    np.testing.assert_allclose([iou(*pair) for pair in pairs], golden["iou"], rtol=1e-9)


def test_a_perfect_mask_needs_no_click() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2:5, 3:7] = True
    assert next_click(mask, mask) == ((-1, -1), -1)
    assert iou(mask & False, mask & False) == 1.0
