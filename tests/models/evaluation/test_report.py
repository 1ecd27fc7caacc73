"""The JSON report and its text: stable keys, and figures that come from the scores they stand for."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.sam.build import build_sam
from models.sam.evaluation.protocol import EvaluationConfig, MaskScore, SetScore, evaluate_set, grey_like
from models.sam.evaluation.report import report_of
from models.sam.evaluation.table import table_of
from models.sam.predictor import SamPredictor

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"

# Read by other commands, the model card and people's own scripts.
FIGURES = {
    "masks",
    "box_miou",
    "box_best_miou",
    "click1_top_miou",
    "click1_best_miou",
    "click1_iou_error",
    "click2_miou",
    "click3_miou",
    "click4_miou",
    "click5_miou",
}
RANKING = {"iou_rank_correlation", "iou_rank_correlation_top", "click1_top_is_best", "confident"}
GREY = {f"grey_{name}" for name in FIGURES if name.endswith("_miou")}


def score(area: int, predicted: tuple[float, ...], true: tuple[float, ...], clicks: float = 0.5) -> MaskScore:
    return MaskScore(
        area=area,
        box=0.6,
        box_best=0.7,
        click1_best=max(true),
        clicks=(clicks,) * 5,
        iou_error=0.1,
        predicted=predicted,
        true=true,
    )


SCORES = [
    score(200, (0.2, 0.4, 0.9), (0.1, 0.5, 0.95), clicks=0.8),
    score(20_000, (0.3, 0.95, 0.6), (0.2, 0.7, 0.6), clicks=0.6),
]


@pytest.fixture(scope="module")
def grey() -> SetScore:
    """The tiny model on two sample images, with the control."""
    config = EvaluationConfig(limit=2, max_masks_per_image=1, grey_control=True)
    return evaluate_set(SamPredictor(build_sam("tiny")), SAMPLE, config)


def test_the_keys_of_a_plain_report_are_stable() -> None:
    report = report_of([SetScore("a", 2, SCORES, 1.0)], {"model": "tiny"})
    assert set(report) == FIGURES | RANKING | {
        "model",
        "images",
        "by_size",
        "datasets",
        "dataset_mean",
        "reliability",
        "seconds",
    }
    assert set(report["datasets"]["a"]) == FIGURES | RANKING | {"images", "seconds", "by_size"}
    assert set(report["by_size"]) == {"small", "medium", "large"}
    assert all(set(entry) == FIGURES | RANKING for entry in report["by_size"].values())


def test_ranking_covers_all_candidates_and_the_top_ranked() -> None:
    report = report_of([SetScore("a", 2, SCORES, 1.0)], {})
    # Ranks of the predictions 1 3 5 2 6 4 against 1 3 6 2 5 4: 1 - 6 * 2 / (6 * 35).
    assert report["iou_rank_correlation"] == pytest.approx(0.9429, abs=1e-4)
    assert report["iou_rank_correlation_top"] == -1.0
    assert report["click1_top_is_best"] == 1.0
    assert report["confident"]["candidates"] == 6
    assert report["confident"]["true_share"] == 0.5
    assert sum(one["count"] for one in report["reliability"]) == 6
    assert report["by_size"]["medium"]["iou_rank_correlation"] is None


def test_an_empty_size_class_is_written_as_none() -> None:
    medium = report_of([SetScore("a", 2, SCORES, 1.0)], {})["by_size"]["medium"]
    assert medium["masks"] == 0
    assert medium["box_miou"] is None
    json.dumps(medium, allow_nan=False)


def test_the_grey_control_stands_beside_what_it_controls(grey: SetScore) -> None:
    report = report_of([grey], {})
    assert set(report) >= GREY
    assert set(report["datasets"]["sample"]) >= GREY
    assert set(report["by_size"]["small"]) >= GREY
    assert [one.area for one in grey.grey] == [one.area for one in grey.scores]
    # The same prompts on the same masks: only the picture can have changed the predictions.
    assert [one.predicted for one in grey.grey] != [one.predicted for one in grey.scores]


def test_the_control_shows_nothing_of_the_image() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    picture = grey_like(noise)
    assert picture.shape == noise.shape
    assert picture.dtype == np.uint8
    assert (picture == picture[0, 0]).all()
    assert (grey_like(255 - noise) == picture).all()


def test_the_table_fits_a_screen_and_names_every_figure(grey: SetScore) -> None:
    text = table_of(report_of([grey, SetScore("b", 2, SCORES, 1.0)], {}))
    assert max(map(len, text.splitlines())) <= 120
    for part in ("sample", "small", "all masks", "mean of sets", "image grey", "rank correlation", "> 0.88"):
        assert part in text
    assert "nan" not in text
