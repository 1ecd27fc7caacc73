"""Baselines on a drawn scene, where the right answer is known."""

import sys

import cv2
import numpy as np
import pytest

from models.cli import evaluate
from models.sam.build import build_sam
from models.sam.errors import ModelError
from models.sam.evaluation.baselines import COMPONENTS, BoxBaselines, ellipse, grabcut
from models.sam.evaluation.clicks import iou
from models.sam.predictor import SamPredictor
from models.sam.refine import box_mask

SIZE = (80, 120)
BOX = np.array([40.0, 20.0, 80.0, 50.0])


@pytest.fixture(scope="module")
def scene() -> tuple[np.ndarray, np.ndarray]:
    """A bright cross on a dark, noisy ground, and its mask; its box is `BOX`."""
    cross = np.zeros(SIZE, bool)
    cross[30:40, 40:80] = True
    cross[20:50, 52:68] = True
    rng = np.random.default_rng(0)
    picture = np.where(cross[..., None], (220, 180, 40), (40, 60, 90)) + rng.normal(0, 8, (*SIZE, 3))
    return picture.clip(0, 255).astype(np.uint8), cross


@pytest.fixture(scope="module")
def predictor() -> SamPredictor:
    return SamPredictor(build_sam("tiny"))


def test_an_ellipse_touches_the_sides_of_its_box() -> None:
    mask = ellipse(BOX, SIZE)
    assert mask.sum() == pytest.approx(np.pi * 20 * 15, rel=0.01)
    assert not (mask & ~box_mask(BOX, SIZE)).any()
    assert mask[35, 40]
    assert mask[35, 79]
    assert mask[20, 60]
    assert not mask[21, 41]


def test_the_box_is_filled_to_its_last_pixel() -> None:
    assert box_mask(BOX, SIZE).sum() == 40 * 30
    assert box_mask(BOX, SIZE)[20:50, 40:80].all()
    assert box_mask(np.array([0.6, 0.4, 2.4, 2.6]), (4, 4)).sum() == 3  # centres at 1.5; 0.5, 1.5 and 2.5


def test_grabcut_finds_the_cross_and_the_shapes_do_not(
    scene: tuple[np.ndarray, np.ndarray], predictor: SamPredictor
) -> None:
    picture, cross = scene
    answers = BoxBaselines()(predictor, picture, BOX[None])
    found = {name: iou(masks[0], cross) for name, masks in answers.items()}
    assert list(found) == ["box_filled", "ellipse", "grabcut_box", "grabcut_ellipse"]
    assert found["box_filled"] == pytest.approx(cross.sum() / 1200)
    assert 0.5 < found["ellipse"] < 0.8
    assert found["grabcut_box"] > 0.95
    assert found["grabcut_ellipse"] > 0.95
    assert not any((masks[0] & ~box_mask(BOX, SIZE)).any() for masks in answers.values())


def test_grabcut_does_not_depend_on_what_ran_before(predictor: SamPredictor) -> None:
    # Blocks of many colours: more than five Gaussians can hold, so k-means' random start decides.
    rng = np.random.default_rng(2)
    blocks = np.kron(rng.integers(0, 255, (10, 15, 3)), np.ones((8, 8, 1)))
    picture = (blocks + rng.normal(0, 12, blocks.shape)).clip(0, 255).astype(np.uint8)
    found = []
    for state in range(6):
        cv2.setRNGSeed(state)
        found.append(BoxBaselines()(predictor, picture, BOX[None])["grabcut_ellipse"][0])
    assert found[0].any()
    assert all((mask == found[0]).all() for mask in found)


@pytest.mark.parametrize("box", [(0, 0, 120, 80), (0, 0, 120, 79.9), (60, 40, 61, 41), (60, 10, 61, 60)])
def test_boxes_without_enough_pixels_on_a_side_are_answered(
    scene: tuple[np.ndarray, np.ndarray], predictor: SamPredictor, box: tuple[float, ...]
) -> None:
    answers = BoxBaselines()(predictor, scene[0], np.array([box]))
    assert all(masks[0].shape == SIZE and masks[0].dtype == bool for masks in answers.values())
    if box[2:] == (120, 80):
        assert answers["grabcut_box"][0].all()


def test_a_seed_too_small_for_a_colour_model_comes_back() -> None:
    seed = np.zeros((20, 20), bool)
    seed[5, : COMPONENTS - 1] = True
    pixels = np.zeros((20, 20, 3), np.uint8)
    inside, core = np.ones((20, 20), bool), np.zeros((20, 20), bool)
    np.testing.assert_array_equal(grabcut(cv2, pixels, inside, seed, core, 1), seed)


def test_the_core_of_the_ellipse_stays_foreground(predictor: SamPredictor) -> None:
    # Nothing tells the object from the ground, so GrabCut alone may give it up.
    flat = np.full((*SIZE, 3), 90, np.uint8)
    answers = BoxBaselines()(predictor, flat, BOX[None])
    core = ellipse(BOX, SIZE, 0.5)
    assert core.sum() == pytest.approx(np.pi * 10 * 7.5, rel=0.02)
    assert answers["grabcut_ellipse"][0][core].all()
    assert not answers["grabcut_box"][0][core].all()


def test_without_opencv_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ModelError, match="no_opencv"):
        BoxBaselines()
    assert evaluate.main(["--data", "nowhere", "--model", "anymask_s", "--baselines"]) == 1
    error = capsys.readouterr().err.strip()
    assert "requirements/dev.txt" in error
    assert len(error.splitlines()) == 1
