import json
import uuid
from collections.abc import Callable

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.projects.models import Label, Project
from backend.projects.services import label_create
from backend.users.models import User
from tests.builders import encode_mask, make_image, make_mask_body


def url_of(image: Image) -> str:
    return f"/api/v1/images/{image.pk}/masks/"


def test_a_mask_is_saved_with_box_and_area_counted_by_the_server(
    api: APIClient, image: Image, label: Label
) -> None:
    sent = make_mask_body(image, label.pk) | {"area": 1, "bbox": [0, 0, 1, 1]}
    answer = api.post(url_of(image), sent)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["bbox"], body["area"]) == ([3, 4, 10, 5], 50)
    assert (body["author"], body["revision"]) == ("ada", 1)
    for key in ("id", "label", "segmentation", "model", "predicted_iou", "stage", "seconds_spent"):
        assert body[key] == sent[key]
    assert body["prompts"] == sent["prompts"]
    assert api.get(url_of(image)).json() == [body]


def test_sending_the_same_id_again_saves_nothing_and_tells_the_stored_state(
    api: APIClient, image: Image, label: Label
) -> None:
    sent = make_mask_body(image, label.pk)
    first = api.post(url_of(image), sent)
    again = api.post(url_of(image), sent | {"stage": "fully_automatic"})
    assert again.status_code == 200
    assert again.json() == first.json()
    assert Mask.objects.count() == 1


def test_an_id_of_another_image_is_refused_without_telling_about_it(
    api: APIClient, stranger: APIClient, image: Image, label: Label, make_project: Callable[..., Project]
) -> None:
    sent = make_mask_body(image, label.pk)
    api.post(url_of(image), sent)
    project = make_project(User.objects.get(username="eve"))
    theirs = make_image(project)
    answer = stranger.post(url_of(theirs), sent | {"label": project.labels.get().pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "mask.id_taken")
    assert answer.json()["extra"] == {}


def test_an_update_raises_the_revision_and_a_stale_one_gets_the_present_state(
    api: APIClient, image: Image, label: Label
) -> None:
    cat = label_create(project=image.project, name="cat")
    mask_id = api.post(url_of(image), make_mask_body(image, label.pk)).json()["id"]
    url = f"/api/v1/masks/{mask_id}/"
    mine = api.patch(url, {"revision": 1, "label": cat.pk})
    assert (mine.status_code, mine.json()["revision"], mine.json()["label"]) == (200, 2, cat.pk)
    theirs = api.patch(url, {"revision": 1, "stage": "fully_automatic"})
    assert (theirs.status_code, theirs.json()["code"]) == (409, "mask.stale_revision")
    assert theirs.json()["extra"]["current"] == mine.json()
    assert api.delete(f"{url}?revision=1").json()["extra"]["current"] == mine.json()
    assert api.delete(f"{url}?revision=2").status_code == 204
    assert api.get(url_of(image)).json() == []


def test_a_new_segmentation_is_counted_again(api: APIClient, image: Image, label: Label) -> None:
    mask_id = api.post(url_of(image), make_mask_body(image, label.pk)).json()["id"]
    pixels = np.zeros((image.height, image.width), bool)
    pixels[0:2, 0:3] = True
    body = api.patch(f"/api/v1/masks/{mask_id}/", {"revision": 1, "segmentation": encode_mask(pixels)}).json()
    assert (body["bbox"], body["area"]) == ([0, 0, 3, 2], 6)


@pytest.mark.parametrize("missing", ["", "?revision=", "?revision=x", "?revision=0"])
def test_deleting_needs_a_revision(api: APIClient, image: Image, label: Label, missing: str) -> None:
    mask_id = api.post(url_of(image), make_mask_body(image, label.pk)).json()["id"]
    assert api.delete(f"/api/v1/masks/{mask_id}/{missing}").status_code == 400


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"segmentation": {"size": [10, 10], "counts": "d3"}}, "mask.size"),
        ({"segmentation": {"size": [30, 40], "counts": "d3"}}, "mask.rle_invalid"),
        ({"segmentation": encode_mask(np.ones((40, 30), bool))}, "mask.size"),
        ({"segmentation": encode_mask(np.zeros((30, 40), bool))}, "mask.empty"),
        ({"segmentation": {"size": [30, 40], "counts": "not an rle"}}, "mask.rle_invalid"),
        ({"segmentation": {"size": [30, 40], "counts": "0"}}, "mask.rle_invalid"),
        ({"segmentation": {"size": [30, 40], "counts": "P2"}}, "mask.rle_invalid"),
        ({"segmentation": {"size": [30, 40], "counts": "`U1"}}, "mask.empty"),
        ({"segmentation": {"size": [30], "counts": "d3"}}, "input.invalid"),
        ({"label": 10**12}, "mask.label"),
        ({"model": "tiny@unknown"}, "mask.model"),
        ({"model": "nobody@000000000000"}, "mask.model"),
        ({"model": "nonsense"}, "mask.model"),
        ({"stage": "guessed"}, "input.invalid"),
        ({"prompts": {"points": [[1, 2]], "box": None, "candidate": 0}}, "input.invalid"),
        ({"prompts": {"points": [[1, 2, 5]], "box": None, "candidate": 0}}, "input.invalid"),
        ({"prompts": {"points": [], "box": [1, 2, 3], "candidate": 0}}, "input.invalid"),
        ({"prompts": {"points": [], "box": None, "candidate": 4}}, "input.invalid"),
        ({"prompts": {"points": [[0, 0, 1]] * 1001, "box": None, "candidate": 0}}, "input.invalid"),
        ({"predicted_iou": "nan"}, "input.invalid"),
        ({"seconds_spent": -1}, "input.invalid"),
        ({"id": "not a uuid"}, "input.invalid"),
    ],
)
def test_what_is_refused_says_why_and_saves_nothing(
    api: APIClient, image: Image, label: Label, change: dict[str, object], code: str
) -> None:
    answer = api.post(url_of(image), make_mask_body(image, label.pk) | change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Mask.objects.exists()


def test_half_a_character_comes_back_as_a_question_mark(api: APIClient, image: Image, label: Label) -> None:
    sent = json.dumps(make_mask_body(image, label.pk, stage="\ud800"))
    answer = api.post(url_of(image), sent, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")
    assert '"?"' in answer.json()["message"]


def test_a_label_of_another_project_is_refused(
    api: APIClient, image: Image, make_user: Callable[[str], User], make_project: Callable[..., Project]
) -> None:
    foreign = make_project(make_user("bob")).labels.get()
    answer = api.post(url_of(image), make_mask_body(image, foreign.pk))
    assert (answer.status_code, answer.json()["code"]) == (400, "mask.label")


def test_a_mask_drawn_by_hand_has_no_model(api: APIClient, image: Image, label: Label) -> None:
    sent = make_mask_body(image, label.pk, model=None, predicted_iou=None)
    sent.pop("stability_score")
    body = api.post(url_of(image), sent).json()
    assert (body["model"], body["predicted_iou"], body["stability_score"]) == (None, None, None)


def test_an_unknown_mask_is_404(api: APIClient) -> None:
    answer = api.patch(f"/api/v1/masks/{uuid.uuid4()}/", {"revision": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "mask.not_found")


def test_a_mask_may_be_labelled_later_and_its_label_taken_back(
    api: APIClient, image: Image, label: Label, project: Project
) -> None:
    body = api.post(url_of(image), make_mask_body(image, label.pk) | {"label": None}).json()
    assert body["label"] is None
    figures = api.get(f"/api/v1/projects/{project.pk}/").json()
    assert (figures["mask_count"], figures["unlabelled_mask_count"]) == (1, 1)
    url = f"/api/v1/masks/{body['id']}/"
    assert api.patch(url, {"revision": 1, "label": label.pk}).json()["label"] == label.pk
    assert api.get(f"/api/v1/projects/{project.pk}/").json()["unlabelled_mask_count"] == 0
    assert api.patch(url, {"revision": 2, "label": None}).json()["label"] is None


def test_what_lies_over_what_is_stored_and_bounded(api: APIClient, image: Image, label: Label) -> None:
    body = api.post(url_of(image), make_mask_body(image, label.pk)).json()
    assert body["z"] == 0
    url = f"/api/v1/masks/{body['id']}/"
    assert api.patch(url, {"revision": 1, "z": -3}).json()["z"] == -3
    answer = api.patch(url, {"revision": 2, "z": 2**15})
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")
