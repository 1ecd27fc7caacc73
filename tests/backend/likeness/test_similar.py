"""What looks like a mask: in which order, who sees it, and what is not looked at yet."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.jobs.models import Job
from backend.likeness import selectors
from backend.likeness.models import MASK_VECTORS, MaskVector
from backend.likeness.services import Made, vectors_store
from backend.projects.models import Project
from backend.projects.services import label_create
from tests.backend.likeness.conftest import look, looked_at
from tests.builders import encode_mask, make_image, rectangle

Draw = Callable[..., Mask]


def similar(client: APIClient, mask: Mask, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/masks/{mask.pk}/similar/", query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def found(body: dict[str, Any]) -> list[str]:
    return [one["mask"] for one in body["results"]]


@pytest.fixture
def masks(image: Image, project: Project, draw: Draw) -> list[Mask]:
    """One that is asked about, then others, the most alike first, on two images."""
    other = make_image(project, seed=4, name="two.png")
    made = [draw(image), draw(other, 5), draw(image, 7), draw(other, 9)]
    for mask, direction in zip(made, [(1, 0, 0), (9, 1, 0), (1, 1, 0), (0, 0, 1)], strict=True):
        look(mask, *direction)
    return made


def test_the_most_alike_come_first_with_their_cosines(api: APIClient, masks: list[Mask]) -> None:
    body = similar(api, masks[0])
    assert found(body) == [str(mask.pk) for mask in masks[1:]]
    cosines = [one["similarity"] for one in body["results"]]
    assert cosines == pytest.approx([9 / np.hypot(9, 1), 1 / np.sqrt(2), 0], abs=2e-3)
    first = body["results"][0]
    assert (first["file_name"], first["revision"], first["label"]) == ("two.png", 1, None)
    assert (body["is_ready"], body["vectors"], body["missing"], body["job"]) == (True, 3, 0, None)
    assert found(similar(api, masks[0], limit=1)) == [str(masks[1].pk)]
    refused = api.get(f"/api/v1/masks/{masks[0].pk}/similar/", {"limit": 0})
    assert (refused.status_code, refused.json()["code"]) == (400, "input.invalid")


def test_only_masks_with_a_label_or_without(api: APIClient, project: Project, masks: list[Mask]) -> None:
    label = label_create(project=project, name="cat")
    api.patch(f"/api/v1/masks/{masks[2].pk}/", {"revision": 1, "label": label.pk})
    assert found(similar(api, masks[0], label=label.pk)) == [str(masks[2].pk)]
    assert found(similar(api, masks[0], unlabelled=True)) == [str(masks[1].pk), str(masks[3].pk)]
    assert found(similar(api, masks[0], unlabelled=False)) == [str(masks[2].pk)]
    assert similar(api, masks[0])["vectors"] == 3


def test_a_vector_goes_with_the_shape_it_was_made_of_and_not_with_a_label(
    api: APIClient, image: Image, draw: Draw
) -> None:
    one, other, third = (draw(image, left) for left in (3, 5, 7))
    for mask in (one, other, third):
        look(mask, 1, 0)
    assert api.patch(f"/api/v1/masks/{one.pk}/", {"revision": 1, "z": 3}).status_code == 200
    shape = encode_mask(rectangle(image.height, image.width, 1, 2, 20, 30))
    changed = api.patch(f"/api/v1/masks/{other.pk}/", {"revision": 1, "segmentation": shape})
    assert changed.status_code == 200
    assert api.delete(f"/api/v1/masks/{third.pk}/?revision=1").status_code == 204
    assert looked_at() == {one.pk}
    # Through the bulk endpoint as well.
    operations = [{"op": "update", "id": str(one.pk), "revision": 2, "segmentation": shape}]
    assert api.post(f"/api/v1/projects/{image.project_id}/masks/bulk/", {"operations": operations}).json()[
        "succeeded"
    ]
    assert looked_at() == set()


def test_what_was_made_of_another_shape_is_not_kept(image: Image, draw: Draw, api: APIClient) -> None:
    mask, gone = draw(image), draw(image, 20)
    stale = [Made(one.pk, 1, b"\0\0\0\0") for one in (mask, gone)]
    api.patch(f"/api/v1/masks/{mask.pk}/", {"revision": 1, "z": 3})
    api.delete(f"/api/v1/masks/{gone.pk}/?revision=1")
    assert vectors_store(image=image, encoder_id=image.project.model_id, made=stale) == 0
    assert not MaskVector.objects.exists()
    look(Mask.objects.get(pk=mask.pk), 1, 0)
    look(Mask.objects.get(pk=mask.pk), 0, 1)
    (row,) = MaskVector.objects.all()
    assert np.frombuffer(bytes(row.vector), "<f2").tolist() == [0, 1]


def test_masks_on_images_one_does_not_see_are_not_told(
    api: APIClient, masks: list[Mask], member: Callable[[str], APIClient]
) -> None:
    Image.objects.filter(pk=masks[1].image_id).update(is_withheld=True)
    annotator = member("annotator")
    body = similar(annotator, masks[0])
    assert found(body) == [str(masks[2].pk)]
    assert (body["vectors"], body["missing"]) == (1, 0)
    assert len(found(similar(member("reviewer"), masks[0]))) == 3
    assert annotator.get(f"/api/v1/masks/{masks[1].pk}/similar/").status_code == 404


def test_vectors_of_another_model_do_not_count_unless_its_encoder_is_the_same(
    api: APIClient, project: Project, masks: list[Mask], other_model: Any
) -> None:
    other_model.encoder_of = project.model
    other_model.save()
    Project.objects.filter(pk=project.pk).update(model=other_model)
    assert len(found(similar(api, masks[0]))) == 3
    other_model.encoder_of = None
    other_model.save()
    body = similar(api, masks[0])
    assert (body["is_ready"], body["missing"], body["results"], body["job"]) == (False, 4, [], None)


def test_a_block_more_than_are_compared_is_told(
    api: APIClient, masks: list[Mask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "_BLOCK", 2)
    assert found(similar(api, masks[0])) == [str(mask.pk) for mask in masks[1:]]
    monkeypatch.setattr(selectors, "MOST_COMPARED", 2)
    body = similar(api, masks[0])
    assert (body["vectors"], body["is_cut"]) == (2, True)
    # The latest.
    assert found(body) == [str(masks[2].pk), str(masks[3].pk)]


def ready(*images: Image) -> None:
    """As if their embeddings had been computed."""
    for image in images:
        embedding: Any = Image.objects.get(pk=image.pk).embedding
        type(embedding).objects.filter(pk=embedding.pk).update(state="ready", file_key="none")


def test_what_is_missing_is_looked_at_by_one_job_that_is_told(
    api: APIClient, image: Image, draw: Draw, member: Callable[[str], APIClient]
) -> None:
    mask = draw(image)
    # Nothing can be done before the image is embedded.
    assert similar(api, mask)["job"] is None
    ready(image)
    assert similar(member("viewer"), mask)["job"] is None
    body = similar(api, mask)
    assert (body["is_ready"], body["missing"]) == (False, 1)
    job = Job.objects.get(kind=MASK_VECTORS)
    assert (body["job"], job.params, job.queue) == (str(job.uuid), {"image": image.pk}, "default")
    assert similar(member("annotator"), mask)["job"] == body["job"]
    assert Job.objects.count() == 1
    second = {"id": str(uuid.uuid4()), "kind": MASK_VECTORS, "params": {}}
    refused = api.post(f"/api/v1/projects/{image.project_id}/jobs/", second)
    assert (refused.status_code, refused.json()["code"]) == (409, "likeness.under_way")
    assert refused.json()["extra"] == {"job": body["job"]}
    # Whoever cancelled it meant it; by hand it can be started.
    assert api.post(f"/api/v1/jobs/{job.uuid}/cancel/").status_code == 200
    assert similar(api, mask)["job"] is None
    assert api.post(f"/api/v1/projects/{image.project_id}/jobs/", second).status_code == 201
    assert similar(api, mask)["job"] == second["id"]
    # One that could not read what is missing is not tried for ever.
    Job.objects.filter(kind=MASK_VECTORS).update(state="succeeded", result={"masks": 0, "unreadable": 1})
    assert similar(api, mask)["job"] is None
    draw(image, 20)
    assert similar(api, mask)["job"] is not None


def test_the_same_queries_for_any_number_of_masks(
    api: APIClient, image: Image, draw: Draw, masks: list[Mask], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(13):
        similar(api, masks[0])
    for left in range(10):
        look(draw(image, left), 1, left, 0)
    with django_assert_max_num_queries(13):
        assert len(similar(api, masks[0])["results"]) == 13


def test_a_mask_is_cut_out_of_its_picture_and_anew_when_it_changes(
    api: APIClient, image: Image, draw: Draw
) -> None:
    mask = draw(image)
    look(mask, 1, 0)
    other = draw(image, 20)
    look(other, 1, 0)
    (one,) = similar(api, mask)["results"]
    answer = api.get(one["cutout_url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in answer["Cache-Control"]
    picture = PIL.Image.open(io.BytesIO(answer.content))
    assert max(picture.size) <= 320
    same = api.get(one["cutout_url"], HTTP_IF_NONE_MATCH=answer["ETag"])
    assert same.status_code == 304
    api.patch(f"/api/v1/masks/{other.pk}/", {"revision": 1, "z": 1})
    late = api.get(one["cutout_url"], HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (late.status_code, late["Cache-Control"]) == (200, "private, no-cache")
