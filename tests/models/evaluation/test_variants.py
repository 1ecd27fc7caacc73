"""Variants of the box prompt: what their rows hold, and how rows become figures."""

from pathlib import Path

import numpy as np
import pytest

from models.sam.evaluation.box_rows import box_rows
from models.sam.evaluation.protocol import EvaluationConfig, MaskScore, SetScore, evaluate_set
from models.sam.evaluation.report import report_of
from models.sam.evaluation.table import table_of
from models.sam.evaluation.variants import box_variants, is_small
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
PHOTOGRAPH = np.random.default_rng(0).integers(0, 255, (90, 140, 3), np.uint8)
SMALL, LARGE = (50.0, 40.0, 60.0, 50.0), (20.0, 10.0, 100.0, 80.0)
ROWS = ["box_clipped", "box_crop", "box_crop_clipped", "box_crop_if_small"]


@pytest.fixture
def predictor(tiny_sam: Sam) -> SamPredictor:
    return SamPredictor(tiny_sam)


def score(area: int, box: float) -> MaskScore:
    return MaskScore(area, box, box, box, (box,) * 5, 0.0, (box,), (box,))


def test_rows_are_the_plain_and_the_crop_answer_clipped(predictor: SamPredictor) -> None:
    predictor.set_image(PHOTOGRAPH)
    rows = box_variants(predictor, PHOTOGRAPH, np.array([SMALL, LARGE]))
    assert list(rows) == ROWS
    for index, (x0, y0, x1, y1) in enumerate((SMALL, LARGE)):
        inside = np.zeros((90, 140), bool)
        inside[int(y0) : int(y1), int(x0) : int(x1)] = True
        plain = predictor.predict(box=np.array([x0, y0, x1, y1]))
        top = plain.masks[plain.iou_predictions.argmax()]
        crop = predictor.predict_crop(PHOTOGRAPH, np.array([x0, y0, x1, y1]))
        top_of_crop = crop.masks[crop.iou_predictions.argmax()]
        np.testing.assert_array_equal(rows["box_clipped"][index], top & inside)
        np.testing.assert_array_equal(rows["box_crop"][index], top_of_crop)
        np.testing.assert_array_equal(rows["box_crop_clipped"][index], top_of_crop & inside)
    np.testing.assert_array_equal(rows["box_crop_if_small"][0], rows["box_crop_clipped"][0])
    np.testing.assert_array_equal(rows["box_crop_if_small"][1], rows["box_clipped"][1])
    assert (rows["box_crop_clipped"][0] != rows["box_clipped"][0]).any()


def test_small_is_below_an_eighth_of_the_longer_side() -> None:
    assert is_small(np.array([0, 0, 63.9, 20]), (300, 512, 3))
    assert not is_small(np.array([0, 0, 20, 64]), (300, 512, 3))


def test_rows_become_means_by_size_by_set_and_against_the_plain_box() -> None:
    first = SetScore("a", 1, [score(100, 0.5), score(20_000, 0.7)], 1.0, [], {"g": {"r": [0.6, 1.0]}})
    second = SetScore("b", 1, [score(2000, 0.2)], 1.0, [], {"g": {"r": [0.2]}})
    empty = SetScore("c", 0, [], 1.0, [], {"g": {}})
    assert box_rows([first, second, empty]) == {
        "g": {
            "r": {
                "masks": 3,
                "miou": 0.6,
                "standard_error": pytest.approx(0.4 / 3**0.5, abs=1e-4),
                "by_size": {"small": 0.6, "medium": 0.2, "large": 1.0},
                "datasets": {"a": 0.8, "b": 0.2, "c": None},
                "dataset_mean": 0.5,
                "minus_box": {
                    "mean": 0.1333,
                    "standard_error": pytest.approx(np.std([0.1, 0.3, 0.0], ddof=1) / 3**0.5, abs=1e-4),
                },
            }
        }
    }


def test_variants_are_rows_of_report_and_table(predictor: SamPredictor) -> None:
    config = EvaluationConfig(limit=2, max_masks_per_image=2)
    measured = evaluate_set(predictor, SAMPLE, config, box_measures={"variants": box_variants})
    report = report_of([measured], {})
    assert list(report["variants"]) == ROWS
    assert all(row["masks"] == report["masks"] == 4 for row in report["variants"].values())
    text = table_of(report)
    assert max(map(len, text.splitlines())) <= 120
    assert all(name in text for name in ROWS)
    assert "baselines" not in report
