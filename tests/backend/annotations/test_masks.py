import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from backend.annotations.rle import region_parse
from tests.backend.conftest import rectangle, rle

PROMPTS = {"points": [[10, 12, 1]], "box": None, "candidate": 1}


@pytest.fixture
def body(project, image):
    label = project.labels.get()
    return {
        "id": str(uuid.uuid4()),
        "label": label.pk,
        "segmentation": rle(rectangle(48, 64, 5, 7, 20, 30)),
        "prompts": PROMPTS,
        "predicted_iou": 0.9,
        "stability_score": 0.95,
        "stage": "assisted_manual",
        "seconds_spent": 3.5,
    }


@pytest.fixture
def path(image):
    return f"/api/v1/images/{image.pk}/masks/"


def test_box_and_area_are_counted_by_the_server(api, path, body):
    answer = api.post(path, body)
    assert answer.status_code == 201, answer.json()
    mask = answer.json()
    assert mask["bbox"] == [7, 5, 23, 15]
    assert mask["area"] == 23 * 15
    assert mask["segmentation"] == body["segmentation"]
    assert mask["revision"] == 1
    assert mask["author"] == "ada"
    assert [row["id"] for row in api.get(path).json()] == [body["id"]]


def test_the_same_id_twice_is_one_mask(api, path, body):
    first = api.post(path, body)
    second = api.post(path, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(api.get(path).json()) == 1


def test_a_stale_update_is_told_the_current_state(api, path, body):
    api.post(path, body)
    one = f"/api/v1/masks/{body['id']}/"
    changed = rle(rectangle(48, 64, 0, 0, 2, 2))
    assert api.patch(one, {"revision": 1, "segmentation": changed}).json()["revision"] == 2
    stale = api.patch(one, {"revision": 1, "segmentation": body["segmentation"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "mask.stale_revision")
    assert stale.json()["extra"]["current"]["segmentation"] == changed
    assert api.delete(f"{one}?revision=1").status_code == 409
    assert api.delete(f"{one}?revision=2").status_code == 204
    assert api.get(path).json() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"segmentation": rle(rectangle(64, 48, 0, 0, 3, 3))}, "mask.size"),
        ({"segmentation": rle(np.zeros((48, 64), bool))}, "mask.empty"),
        ({"segmentation": {"size": [48, 64], "counts": "not an rle"}}, "mask.rle_invalid"),
        ({"segmentation": {"size": [48, 64], "counts": "0"}}, "mask.rle_invalid"),
        ({"label": 10**6}, "mask.label"),
        ({"model": "nobody@000000000000"}, "mask.model"),
    ],
)
def test_what_cannot_be_a_mask_is_refused(api, path, body, change, code):
    answer = api.post(path, body | change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert api.get(path).json() == []


def test_a_label_in_use_stays(api, path, body):
    api.post(path, body)
    answer = api.delete(f"/api/v1/labels/{body['label']}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "label.in_use")


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_regions_agree_with_pycocotools(height, width, seed):
    mask = np.random.default_rng(seed).random((height, width)) < 0.5
    mask[0, 0] = True
    encoded = rle(mask)
    region = region_parse(encoded["counts"], height=height, width=width)
    assert region.area == int(mask.sum())
    assert list(region.bbox) == [int(value) for value in coco_mask.toBbox(encoded)]
    assert region.counts == encoded["counts"]
