"""Starting a training, promoting what came of it, rolling back."""

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.selectors import images_without_embedding
from backend.embeddings.services import embedding_claim_batch, embedding_store, embedding_sweep
from backend.images.models import Image
from backend.jobs.models import Job
from backend.projects.audit import audit_list
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.training.models import ImageSplit, Side, TrainingRun
from backend.users.models import User
from tests.builders import make_image

Accept = Callable[..., list[Image]]
Finished = Callable[..., TrainingRun]


def start(client: APIClient, project: Project, **body: Any) -> Any:
    return client.post(f"/api/v1/projects/{project.pk}/training-runs/", {"id": str(uuid.uuid4()), **body})


def promote(client: APIClient, run: TrainingRun, **body: Any) -> Any:
    return client.post(f"/api/v1/training-runs/{run.pk}/promote/", body)


def test_a_run_is_started_from_accepted_masks_once(api: APIClient, project: Project, accept: Accept) -> None:
    accept(project, range(6))
    make_image(project, seed=99)
    body = {"id": str(uuid.uuid4()), "parts": "decoder", "max_minutes": 3}
    url = f"/api/v1/projects/{project.pk}/training-runs/"
    first, again = api.post(url, body), api.post(url, body)
    assert (first.status_code, again.status_code) == (201, 200)
    made = first.json()
    assert made == again.json()
    assert (made["state"], made["parts"], made["projects"]) == ("queued", "decoder", [project.pk])
    assert made["train_masks"] + made["val_masks"] == 12
    assert made["val_images"] >= 1
    assert made["parent"]["version"] == project.model.version
    assert (made["metrics"], made["result"], made["curve"]) == (None, None, [])
    assert ImageSplit.objects.count() == 6
    assert Job.objects.get(uuid=body["id"]).queue == "gpu"
    assert [run["id"] for run in api.get(url).json()["results"]] == [made["id"]]
    assert audit_list(project=project)[0].action == "training.started"
    refused = start(api, project)
    assert (refused.status_code, refused.json()["code"]) == (409, "training.running")


def test_too_few_accepted_masks_are_refused_with_the_counts(
    api: APIClient, project: Project, accept: Accept
) -> None:
    accept(project, range(2), masks=1)
    answer = start(api, project)
    assert (answer.status_code, answer.json()["code"]) == (409, "training.too_few")
    extra = answer.json()["extra"]
    assert extra["train_masks"] + extra["val_masks"] == 2
    assert extra["train_masks_needed"] == 8
    assert not TrainingRun.objects.exists()


def test_masks_of_several_projects_by_who_manages_them_all(
    project: Project,
    accept: Accept,
    make_project: Callable[..., Project],
    make_user: Callable[[str], User],
    client_of: Callable[[User], APIClient],
    api: APIClient,
    owner: User,
) -> None:
    other = make_project(owner, "Dogs")
    accept(project, range(3))
    accept(other, range(2, 8))
    bob = make_user("bob")
    membership_set(project=project, user=bob, role=Membership.Role.MANAGER)
    refused = start(client_of(bob), project, projects=[other.pk])
    assert (refused.status_code, refused.json()["code"]) == (404, "project.not_found")
    membership_set(project=other, user=bob, role=Membership.Role.REVIEWER)
    refused = start(client_of(bob), project, projects=[other.pk])
    assert (refused.status_code, refused.json()["code"]) == (403, "project.role_forbids")
    made = start(api, project, projects=[other.pk]).json()
    # The picture that both have is one to the split.
    sides = dict(ImageSplit.objects.values_list("sha256", "side"))
    assert len(sides) == 8
    mine, both = project.images.all(), Image.objects.filter(project__in=[project, other])
    assert made["train_images"] == sum(sides[image.sha256] == Side.TRAIN for image in both)
    # Measured is by its own pictures alone, of which some are on either side.
    assert made["val_images"] == sum(sides[image.sha256] == Side.VAL for image in mine) > 0


def test_a_training_is_started_at_its_own_address(api: APIClient, project: Project) -> None:
    body = {"id": str(uuid.uuid4()), "kind": "train"}
    answer = api.post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "training.start_elsewhere")


@pytest.mark.parametrize("verdict", ["worse", "same"])
def test_a_model_that_is_not_better_is_promoted_only_by_who_says_so(
    api: APIClient, project: Project, other_model: ModelVersion, finished: Finished, verdict: str
) -> None:
    run = finished(project, other_model, verdict)
    answer = promote(api, run)
    assert (answer.status_code, answer.json()["code"]) == (409, "training.worse")
    assert answer.json()["extra"]["verdict"] == verdict
    assert "by 2 images" in answer.json()["message"]
    patched = api.patch(f"/api/v1/projects/{project.pk}/", {"model": other_model.pk})
    assert (patched.status_code, patched.json()["code"]) == (409, "training.worse")
    project.refresh_from_db()
    assert project.model != other_model
    body = promote(api, run, even_if_worse=True).json()
    assert body["model"]["id"] == other_model.pk
    assert body["history"][0]["reason"] == "promoted_though_worse"
    entry = audit_list(project=project)[0]
    assert (entry.action, entry.data["reason"]) == ("project.model_switched", "promoted_though_worse")


def test_a_model_that_nobody_compared_with_the_present_one_needs_a_second_word(
    api: APIClient, project: Project, other_model: ModelVersion, finished: Finished
) -> None:
    second = ModelVersion.objects.create(name="tiny", version="1" * 12, manifest=other_model.manifest)
    runs = [finished(project, version, "better") for version in (other_model, second)]
    assert promote(api, runs[0]).status_code == 200
    answer = promote(api, runs[1])
    assert (answer.status_code, answer.json()["code"]) == (409, "training.not_compared")
    assert answer.json()["extra"]["model"] == other_model.pk
    # The same again changes nothing.
    assert len(promote(api, runs[0]).json()["history"]) == 1
    body = promote(api, runs[1], even_if_worse=True).json()
    assert (body["model"]["id"], body["history"][0]["reason"]) == (second.pk, "promoted")


def test_rolling_back_leads_through_the_models_a_project_had(
    api: APIClient, project: Project, other_model: ModelVersion, finished: Finished
) -> None:
    first, url = project.model, f"/api/v1/projects/{project.pk}/model/"
    assert api.post(f"{url}roll-back/").json()["code"] == "training.nothing_before"
    assert promote(api, finished(project, other_model, "better")).status_code == 200
    third = ModelVersion.objects.create(name="tiny", version="0" * 12, manifest=other_model.manifest)
    api.patch(f"/api/v1/projects/{project.pk}/", {"model": third.pk})
    assert [change["reason"] for change in api.get(url).json()["history"]] == ["chosen", "promoted"]
    back = [api.post(f"{url}roll-back/").json() for _ in range(2)]
    assert [body["model"]["id"] for body in back] == [other_model.pk, first.pk]
    assert back[0]["previous"]["id"] == first.pk
    assert back[1]["previous"] is None
    assert api.post(f"{url}roll-back/").status_code == 409


def test_a_run_without_a_result_is_not_promoted(
    api: APIClient, project: Project, other_model: ModelVersion, finished: Finished
) -> None:
    run = finished(project, other_model, "better")
    TrainingRun.objects.update(result=None)
    assert promote(api, run).json()["code"] == "training.no_result"


def store_all(content: bytes = b"\x00\x3c" * 8) -> list[str]:
    """All that waits is computed, one by one; the pictures in their order."""
    order = []
    while (taken := embedding_claim_batch(limit=1, lease_seconds=60))[1]:
        claim, (row,) = taken
        assert embedding_store(embedding=row, claim=claim, content=content, seconds=0.1)
        order.append(row.image_sha256)
    return order


def test_images_keep_their_embedding_until_the_new_models_is_there(
    api: APIClient, project: Project, accept: Accept, other_model: ModelVersion, finished: Finished
) -> None:
    accepted = accept(project, range(2))
    plain = [make_image(project, seed=seed) for seed in range(10, 13)]
    store_all()
    late = make_image(project, seed=20)
    body = promote(api, finished(project, other_model, "better")).json()
    assert body["embeddings"] == {"queued": 6, "running": 0, "ready": 0, "failed": 0, "eta_seconds": None}
    first = api.get(f"/api/v1/images/{plain[0].pk}/").json()
    assert (first["embedding"]["state"], first["embedding"]["model"]["name"]) == ("ready", "tiny")
    assert first["work"]["status"] == "ready"
    # One that had none is somebody's to wait for.
    late.refresh_from_db()
    assert late.embedding is not None
    assert late.embedding.model_version == other_model
    # The sweep leaves those alone that are waited for.
    assert not images_without_embedding().exists()
    embedding_sweep()
    uploaded = make_image(project, seed=30)

    order = [sha256 for sha256 in store_all() if sha256]
    mine = [late, uploaded, *plain, *accepted]
    # `late` was queued for the model of before as well.
    assert list(dict.fromkeys(order)) == [image.sha256 for image in mine]
    assert set(Image.objects.values_list("embedding__model_version", flat=True)) == {other_model.pk}
    assert api.get(f"/api/v1/projects/{project.pk}/model/").json()["embeddings"]["ready"] == 7
    # Who still has the page open gets the bytes that it names.
    old = Embedding.objects.get(image_sha256=plain[0].sha256, model_version=project.model)
    Embedding.objects.filter(pk=old.pk).update(etag="old")
    answer = api.get(f"/api/v1/images/{plain[0].pk}/embedding/?v=old")
    assert answer.headers["ETag"] == '"old"'
    assert Embedding.objects.exclude(state="ready").count() == 0
    rolled = api.post(f"/api/v1/projects/{project.pk}/model/roll-back/").json()
    assert rolled["embeddings"]["ready"] == 6, "what was computed before is there at once"


def test_what_a_run_would_be_made_of_is_told_without_dealing_a_picture(
    api: APIClient, project: Project, accept: Accept, make_project: Callable[..., Project], owner: User
) -> None:
    url = f"/api/v1/projects/{project.pk}/training-material/"
    accept(project, range(5))
    other = make_project(owner, "Dogs")
    accept(other, range(3, 9))
    alone, both = api.get(url).json(), api.get(url, {"projects": [other.pk]}).json()
    assert not ImageSplit.objects.exists()
    assert alone["train_images"] + alone["val_images"] == 5
    # Measured is by the project's own pictures alone.
    assert both["train_images"] > alone["train_images"]
    assert both["val_masks"] == alone["val_masks"]
    assert (alone["train_masks_needed"], alone["val_masks_needed"]) == (8, 2)
    made = start(api, project, projects=[other.pk]).json()
    told = ("train_images", "train_masks", "val_images", "val_masks")
    assert [made[name] for name in told] == [both[name] for name in told]
    stranger = api.get(url, {"projects": [other.pk + 1000]})
    assert (stranger.status_code, stranger.json()["code"]) == (404, "project.not_found")


def test_a_projects_model_tells_when_its_embeddings_are_settled(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/model/"
    assert api.get(url).json()["embeddings"]["eta_seconds"] == 0
    make_image(project)
    waiting = api.get(url).json()["embeddings"]
    assert (waiting["queued"], waiting["eta_seconds"]) == (1, None)


def test_who_works_with_the_model_of_before_decodes_with_it(
    api: APIClient, project: Project, accept: Accept, other_model: ModelVersion, finished: Finished
) -> None:
    (image,) = accept(project, range(1), masks=0)
    before = project.model
    noise = [np.random.default_rng(seed).normal(size=(1, 64, 16, 16)).astype("<f2") for seed in range(2)]
    store_all(noise[0].tobytes())
    assert promote(api, finished(project, other_model, "better")).status_code == 200
    url = f"/api/v1/images/{image.pk}/decode/"
    prompts = {"point_coords": [[5.0, 5.0], [0.0, 0.0]], "point_labels": [1, -1]}
    assert api.post(url, prompts | {"model": str(other_model)}).json()["code"] == "embedding.not_ready"
    first = api.post(url, prompts).json()
    store_all(noise[1].tobytes())
    again = api.post(url, prompts | {"model": str(before)}).json()
    assert again == first
    assert api.post(url, prompts).json() != first


def test_what_is_to_take_the_place_of_an_embedding_can_be_cancelled_and_tried_again(
    api: APIClient,
    project: Project,
    accept: Accept,
    make_project: Callable[..., Project],
    owner: User,
    other_model: ModelVersion,
    finished: Finished,
) -> None:
    accept(project, range(3), masks=0)
    # Another project awaits one of them as well.
    other = make_project(owner, "Dogs")
    make_image(other, seed=0)
    store_all()
    for one in (project, other):
        assert promote(api, finished(one, other_model, "better")).status_code == 200
    url = f"/api/v1/projects/{project.pk}/"
    assert api.post(f"{url}embeddings/cancel/").status_code == 200
    counts = api.get(f"{url}model/").json()["embeddings"]
    assert (counts["queued"], counts["failed"]) == (1, 2)
    assert set(project.images.values_list("embedding__state", flat=True)) == {"ready"}
    assert api.post(f"{url}embeddings/retry/").status_code == 200
    assert api.get(f"{url}model/").json()["embeddings"]["queued"] == 3
