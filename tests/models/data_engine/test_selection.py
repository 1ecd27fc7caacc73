"""Which photographs come next."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam.data_engine.selection import (
    Choice,
    choose,
    clicked_masks,
    disagreement,
    farthest_first,
    farthest_from,
    mean_embedding,
    uncertainty,
)
from models.sam.load import load_model
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import read_images

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def predictor() -> SamPredictor:
    """The shipped model."""
    return SamPredictor(load_model("anymask_s", None, "cpu"))


def test_the_farthest_comes_first() -> None:
    line = np.array([[0.0], [1.0], [10.0], [4.0], [9.0]])
    # From 0: 10 is farthest; then 4, which lies 4 from 0; then 1, as near to 0 as 9 to 10, but before it.
    assert farthest_first(line, 4, 0) == [0, 2, 3, 1]
    assert sorted(farthest_first(line, 9, 2)) == [0, 1, 2, 3, 4]


def test_what_is_not_picked_follows_by_how_far_it_is_from_all_that_is() -> None:
    line = np.array([[0.0], [1.0], [10.0], [4.0], [9.0]])
    found = list(farthest_from(line, 1, np.array([[0.0]])))
    # Only 10 is picked; then 4, 1 and 9, of which 1 lies 1 from what was known, and 9 as near to 10.
    assert found == [(2, 10.0), (3, 4.0), (1, 1.0), (4, 1.0), (0, 0.0)]
    assert sorted(index for index, _ in farthest_from(line, 9, line[:1], [3])) == [0, 1, 2, 4]


def test_disagreement_is_one_less_the_mean_iou() -> None:
    some, others = np.zeros((3, 2, 4), bool), np.zeros((3, 2, 4), bool)
    some[0, 0], others[0] = True, True
    some[1], others[1] = True, True
    # An IoU of a half, of one, and two masks without a pixel.
    assert disagreement(some, others) == pytest.approx(1 - 2.5 / 3)
    assert disagreement(some, some) == 0


def test_clicks_of_a_grid_are_answered_by_one_mask_each(predictor: SamPredictor) -> None:
    photograph = read_images(SAMPLE)[0].pixels()
    masks = clicked_masks(NetworkDecoder(predictor), photograph)
    assert masks.shape == (64, *photograph.shape[:2])
    height, width = photograph.shape[:2]
    rows, columns = (((np.arange(8) + 0.5) / 8 * side).astype(int) for side in (height, width))
    hit = [masks[8 * i + j, rows[i], columns[j]] for i in range(8) for j in range(8)]
    # Most masks hold the click they answer.
    assert np.mean(hit) > 0.7
    assert disagreement(masks, masks) == 0


def test_padding_is_no_part_of_an_embeddings_mean(predictor: SamPredictor) -> None:
    wide = np.random.default_rng(0).integers(0, 256, (128, 512, 3), np.uint8)
    (encoded,) = predictor.encode([wide])
    cells = encoded.embedding[0, :, :16, :].mean(dim=(1, 2))
    expected = torch.nn.functional.normalize(cells.double(), dim=0).numpy()
    np.testing.assert_allclose(mean_embedding(predictor, wide), expected, atol=1e-6)


def test_each_way_names_every_image_once(predictor: SamPredictor) -> None:
    images = read_images(SAMPLE)
    names = {image.file_name for image in images}
    for choice in Choice:
        found = choose(choice, predictor, images, len(images), np.random.default_rng(0))
        assert {image.file_name for image in found} == names
        assert len(found) == len(names)


def test_the_least_sure_photograph_comes_first(predictor: SamPredictor) -> None:
    images = read_images(SAMPLE)
    found = choose(Choice.UNCERTAINTY, predictor, images, 4, np.random.default_rng(0))
    doubts = [uncertainty(NetworkDecoder(predictor), image.pixels()) for image in found]
    assert doubts == sorted(doubts, reverse=True)
    assert all(0 <= doubt <= 1 for doubt in doubts)
