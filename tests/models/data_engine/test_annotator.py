"""The simulated person: the protocol's clicks, no more than needed; proposals kept where they are good enough."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.sam.data_engine.annotator import Terms, Way, clicked, label
from models.sam.evaluation.clicks import iou
from models.sam.evaluation.protocol import CLICKS, score_masks
from models.sam.load import load_model
from models.sam.mask_generator import GeneratorSettings
from models.sam.predictor import SamPredictor
from models.sam.rle import decode
from models.sam.training.data_sources import read_images

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
EVERYTHING = GeneratorSettings(points_per_side=8, pred_iou_thresh=0.0, stability_score_thresh=0.0)


@pytest.fixture(scope="module")
def predictor() -> SamPredictor:
    """The shipped model."""
    return SamPredictor(load_model("anymask_s", None, "cpu"))


@pytest.fixture(scope="module")
def micrograph() -> tuple[np.ndarray, list[np.ndarray]]:
    """A picture and five of its nuclei."""
    image = read_images(SAMPLE)[0]
    return image.pixels(), [decode(rle) for rle in image.segmentations[:5]]


def test_each_mask_takes_as_many_clicks_as_the_protocol_says(
    predictor: SamPredictor, micrograph: tuple[np.ndarray, list[np.ndarray]]
) -> None:
    photograph, targets = micrograph
    predictor.set_image(photograph)
    scores = score_masks(predictor, targets)
    # Some masks reach the middle of all IoUs at once, others late or never.
    good_enough = float(np.median([score.clicks for score in scores]))
    made = list(clicked(predictor, targets, Terms(good_enough, most_clicks=CLICKS)))
    for score, one, target in zip(scores, made, targets, strict=True):
        needed = next((n for n, value in enumerate(score.clicks, 1) if value >= good_enough), None)
        assert one.clicks == (needed or CLICKS)
        assert one.way == (Way.CLICKS if needed else Way.BY_HAND)
        if needed:
            assert one.iou == pytest.approx(score.clicks[needed - 1], abs=1e-5)
        assert one.iou == pytest.approx(iou(decode(one.segmentation), target))
    assert len({one.clicks for one in made}) > 1


def test_what_no_clicks_bring_about_is_drawn_by_hand(
    predictor: SamPredictor, micrograph: tuple[np.ndarray, list[np.ndarray]]
) -> None:
    photograph, targets = micrograph
    predictor.set_image(photograph)
    (made,) = clicked(predictor, targets[:1], Terms(good_enough=1.1, most_clicks=2))
    assert (made.way, made.clicks, made.iou) == (Way.BY_HAND, 2, 1.0)
    np.testing.assert_array_equal(decode(made.segmentation), targets[0])


def test_the_budget_of_a_photograph_is_never_exceeded_and_large_objects_come_first(
    predictor: SamPredictor, micrograph: tuple[np.ndarray, list[np.ndarray]]
) -> None:
    photograph, targets = micrograph
    whole = label(predictor, photograph, targets, Terms(0.6, most_clicks=4))
    areas = [int(decode(one.segmentation).sum()) for one in whole.made]
    assert len(areas) == len(targets)
    assert iou(decode(whole.made[0].segmentation), max(targets, key=np.sum)) >= 0.6
    part = label(predictor, photograph, targets, Terms(0.6, most_clicks=4, actions_per_image=3))
    assert part.actions <= 3
    assert part.made == whole.made[: len(part.made)]
    assert len(part.made) < len(whole.made)


def test_proposals_are_kept_once_each_and_only_where_they_are_good_enough(
    predictor: SamPredictor, micrograph: tuple[np.ndarray, list[np.ndarray]]
) -> None:
    photograph, targets = micrograph
    terms = Terms(0.6, most_clicks=4)
    result = label(predictor, photograph, targets, terms, EVERYTHING)
    kept = [one for one in result.made if one.way == Way.UNTOUCHED]
    assert 0 < result.untouched == len(kept) < result.proposals
    assert result.actions == result.proposals + sum(one.clicks for one in result.made)
    # Every object has one mask, whichever way it came.
    assert len(result.made) == len(targets)
    matched = [int(np.argmax([iou(decode(one.segmentation), target) for target in targets])) for one in kept]
    assert len(set(matched)) == len(matched)
    assert all(one.iou >= 0.6 and one.clicks == 0 for one in kept)
    strict = label(predictor, photograph, targets, replace(terms, good_enough=1.1), EVERYTHING)
    assert strict.untouched == 0
