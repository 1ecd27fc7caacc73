"""The predictor beyond the golden arrays: several images, stored embeddings, malformed prompts."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam.modeling.sam import Sam
from models.sam.postprocess import stability_score
from models.sam.predictor import SamPredictor

POINT = np.array([[60.0, 50.0]])
LABEL = np.array([1])


@pytest.fixture
def image(golden: Path) -> np.ndarray:
    return np.load(golden / "tiny_encoder.npz")["image_u8"]


@pytest.fixture
def predictor(tiny_sam: Sam, image: np.ndarray) -> SamPredictor:
    predictor = SamPredictor(tiny_sam)
    predictor.set_image(image)
    return predictor


def test_several_images_of_other_sizes_are_asked_one_by_one(
    predictor: SamPredictor, image: np.ndarray
) -> None:
    alone = predictor.predict(POINT, LABEL, return_logits=True)
    predictor.set_images([image[:100, :90], image])
    again = predictor.predict(POINT, LABEL, return_logits=True, image=1)
    np.testing.assert_allclose(again.masks, alone.masks, atol=2e-5, rtol=1e-4)
    assert predictor.predict(POINT, LABEL, image=0).masks.shape == (3, 100, 90)


def test_bgr_is_the_same_photograph(predictor: SamPredictor, image: np.ndarray) -> None:
    (rgb,) = predictor.encode([image])
    (bgr,) = predictor.encode([image[..., ::-1]], "BGR")
    torch.testing.assert_close(rgb.embedding, bgr.embedding)


def test_a_stored_embedding_replaces_the_image(predictor: SamPredictor) -> None:
    expected = predictor.predict(POINT, LABEL)
    stored = predictor.images[0].embedding.numpy()
    predictor.set_embedding(stored, (180, 270))
    np.testing.assert_array_equal(predictor.predict(POINT, LABEL).masks, expected.masks)
    with pytest.raises(ValueError, match=r"must be \[1, 64, 16, 16\]"):
        predictor.set_embedding(stored[:, :5], (180, 270))


def test_masks_are_the_logits_above_zero(predictor: SamPredictor) -> None:
    logits = predictor.predict(POINT, LABEL, return_logits=True).masks
    masks = predictor.predict(POINT, LABEL).masks
    assert masks.dtype == bool
    np.testing.assert_array_equal(masks, logits > 0)


def test_batched_prompts_equal_single_ones(predictor: SamPredictor) -> None:
    coords = np.array([[[60.0, 50.0], [10.0, 10.0]], [[100.0, 90.0], [5.0, 170.0]]])
    labels = np.array([[1, 0], [1, 1]])
    boxes = np.array([[20.0, 20.0, 120.0, 100.0], [50.0, 60.0, 200.0, 170.0]])
    first = predictor.predict_batch(coords, labels, boxes)
    masks = first.low_res_masks[:, :1]
    batch = predictor.predict_batch(coords, labels, boxes, masks, multimask_output=False)
    for index in range(2):
        alone = predictor.predict(
            coords[index], labels[index], boxes[index], masks[index].numpy(), multimask_output=False
        )
        np.testing.assert_allclose(batch.low_res_masks[index], alone.low_res_masks, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "prompt",
    [
        {"point_coords": POINT},
        {"point_coords": POINT, "point_labels": np.array([1, 1])},
        {"point_coords": POINT, "point_labels": np.array([7])},
        {"mask_input": np.zeros((1, 32, 32))},
        {"mask_input": np.zeros((64, 64))},
    ],
)
def test_malformed_prompts_are_refused(predictor: SamPredictor, prompt: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"point|mask prompts"):
        predictor.predict(**prompt)


def test_malformed_boxes_are_refused(predictor: SamPredictor) -> None:
    with pytest.raises(ValueError, match=r"boxes must be \[N, 4\]"):
        predictor.predict_batch(boxes=np.zeros((2, 3)))


def test_images_must_be_8_bit_rgb(predictor: SamPredictor) -> None:
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)):
        with pytest.raises(ValueError, match="uint8"):
            predictor.encode([wrong])
    with pytest.raises(ValueError, match="RGB or BGR"):
        predictor.encode([np.zeros((4, 4, 3), np.uint8)], "HSV")


def test_an_image_comes_first(tiny_sam: Sam) -> None:
    with pytest.raises(RuntimeError, match="set_image first"):
        SamPredictor(tiny_sam).predict(POINT, LABEL)


def test_stability_is_the_quotient_of_areas() -> None:
    logits = torch.tensor([[[3.0, 0.5], [-0.5, -3.0]], [[-3.0, -3.0], [-3.0, -3.0]]])
    score = stability_score(logits, 0.0, 1.0)
    assert score[0].item() == pytest.approx(1 / 3)
    assert torch.isnan(score[1])
