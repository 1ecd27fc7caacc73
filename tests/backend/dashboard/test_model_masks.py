"""How far a mask is from what its model gave, through the API."""

from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from tests.builders import encode_mask, make_mask_body, rectangle

# Boxes of 10 x 5 pixels, and of 10 x 4 within it.
MODEL = (4, 3, 9, 13)
SMALLER = (4, 3, 8, 13)


def box(image: Image, edges: tuple[int, int, int, int]) -> dict[str, Any]:
    return encode_mask(rectangle(image.height, image.width, *edges))


def create(api: APIClient, image: Image, **fields: Any) -> Any:
    body = make_mask_body(image, image.project.labels.get().pk, **fields)
    answer = api.post(f"/api/v1/images/{image.pk}/masks/", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def change(api: APIClient, mask: Any, **fields: Any) -> Any:
    answer = api.patch(f"/api/v1/masks/{mask['id']}/", {"revision": mask["revision"], **fields})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(
    ("fields", "iou"),
    [
        ({}, 1.0),
        ({"tool": "smart"}, 1.0),
        ({"model": None}, None),
        # A part or copy of another mask: what the model gave is not known.
        ({"tool": "split"}, None),
        ({"tool": "brush"}, None),
    ],
)
def test_a_mask_is_what_its_model_gave_unless_a_hand_made_it(
    api: APIClient, image: Image, fields: dict[str, Any], iou: float | None
) -> None:
    assert create(api, image, **fields)["model_iou"] == iou
    assert Mask.objects.get().model_counts is None


def test_what_was_drawn_before_saving_is_compared_with_what_the_client_says_the_model_gave(
    api: APIClient, image: Image
) -> None:
    given = {"tool": "brush", "segmentation": box(image, SMALLER), "model_segmentation": box(image, MODEL)}
    mask = create(api, image, **given)
    assert mask["model_iou"] == pytest.approx(40 / 50)
    assert Mask.objects.get().model_counts == box(image, MODEL)["counts"]
    # Drawn back to it: the same pixels, however they were stored.
    mask = change(api, mask, tool="brush", segmentation=box(image, MODEL))
    assert mask["model_iou"] == 1
    assert Mask.objects.get().model_counts is None


def test_a_hand_moves_away_from_the_models_mask_and_the_model_begins_anew(
    api: APIClient, image: Image
) -> None:
    mask = create(api, image, tool="smart")
    mask = change(api, mask, tool="eraser", segmentation=box(image, SMALLER))
    assert mask["model_iou"] == pytest.approx(0.8)
    mask = change(api, mask, tool="relabel", label=None)
    assert mask["model_iou"] == pytest.approx(0.8), "the shape is what counts"
    mask = change(api, mask, tool="smart", z=3, segmentation=box(image, SMALLER))
    assert mask["model_iou"] == pytest.approx(0.8), "the same shape, sent along"
    mask = change(api, mask, tool="brush", segmentation=box(image, (4, 3, 14, 13)))
    assert mask["model_iou"] == pytest.approx(0.5), "always with the model's, not with the state before"
    mask = change(api, mask, tool="box", segmentation=box(image, SMALLER))
    assert mask["model_iou"] == 1
    assert Mask.objects.get().model_counts is None
    answer = api.post(f"/api/v1/masks/{mask['id']}/restore/", {"revision": 5, "from": 6}).json()
    assert answer["model_iou"] == pytest.approx(0.5)
    mask = change(api, answer, tool="eraser", segmentation=box(image, MODEL))
    assert mask["model_iou"] == 1, "what the model gave came back with the state"
    assert change(api, mask, model=None)["model_iou"] is None


def test_what_cannot_be_read_is_refused(api: APIClient, image: Image) -> None:
    body = make_mask_body(image, image.project.labels.get().pk)
    for wrong, code in (
        (encode_mask(rectangle(5, 5, 0, 0, 2, 2)), "mask.size"),
        (box(image, MODEL) | {"counts": "?"}, "mask.rle_invalid"),
        (encode_mask(np.zeros((image.height, image.width), bool)), "mask.empty"),
    ):
        answer = api.post(f"/api/v1/images/{image.pk}/masks/", body | {"model_segmentation": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Mask.objects.exists()
