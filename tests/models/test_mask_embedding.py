"""Masks as vectors: what lies under the mask counts, cell by cell, and mirrored pictures are alike."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam.load import load_model
from models.sam.mask_embedding import cell_shares, covered_mean, embedding_under_mask, mask_embedding
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.rle import decode
from models.sam.training.data_sources import read_images

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


@pytest.fixture(scope="module")
def predictor() -> SamPredictor:
    """The shipped model."""
    return SamPredictor(load_model("anymask_s", None, "cpu"))


def test_shares_of_cells_are_areas() -> None:
    encoded = EncodedImage(torch.zeros(1, 1, 4, 4), (4, 8), (256, 512))
    mask = np.zeros((4, 8), bool)
    mask[0:2, 1:4] = True
    # Cells are 2 x 2 pixels; the lower half of the input is padding.
    expected = np.array([[0.5, 1.0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(cell_shares(mask, encoded, 4, 4), expected)
    large = np.zeros((2, 1), bool)
    large[1] = True
    # A pixel as large as 2 x 2 cells.
    encoded = EncodedImage(torch.zeros(1, 1, 4, 4), (2, 1), (512, 256))
    np.testing.assert_allclose(cell_shares(large, encoded, 4, 4)[2:, :2], np.ones((2, 2)))


def test_the_mean_is_of_covered_cells_alone() -> None:
    embedding = torch.arange(16.0).reshape(1, 1, 4, 4)
    encoded = EncodedImage(embedding, (4, 4), (512, 512))
    mask = np.zeros((4, 4), bool)
    mask[1, 2] = mask[3, 3] = True
    assert float(covered_mean(encoded, mask)) == pytest.approx((6 + 15) / 2)


def test_a_mirrored_photograph_gives_the_same_vector(predictor: SamPredictor) -> None:
    image = read_images(SAMPLE)[0]
    photograph, mask = image.pixels(), decode(image.segmentations[0])
    one = mask_embedding(predictor, photograph, mask)
    other = mask_embedding(predictor, np.ascontiguousarray(photograph[:, ::-1]), mask[:, ::-1])
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert float(one @ other) > 0.999
    background = mask_embedding(predictor, photograph, ~mask)
    assert float(one @ background) < float(one @ other) - 0.01


def test_the_cheap_way_tells_masks_of_one_photograph_apart(predictor: SamPredictor) -> None:
    image = read_images(SAMPLE)[0]
    masks = [decode(rle) for rle in image.segmentations]
    (encoded,) = predictor.encode([image.pixels()])
    nuclei = np.stack([embedding_under_mask(encoded, mask) for mask in masks])
    empty = embedding_under_mask(encoded, ~np.any(masks, axis=0))
    # A nucleus is more like other nuclei than like what lies between them.
    assert np.mean(nuclei @ nuclei.mean(axis=0)) > np.mean(nuclei @ empty)


def test_an_empty_mask_and_one_of_another_size_are_refused(predictor: SamPredictor) -> None:
    photograph = np.zeros((20, 30, 3), np.uint8)
    with pytest.raises(ValueError, match="looks like nothing"):
        mask_embedding(predictor, photograph, np.zeros((20, 30), bool))
    with pytest.raises(ValueError, match="the photograph"):
        mask_embedding(predictor, photograph, np.ones((30, 20), bool))
