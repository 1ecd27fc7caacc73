import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding, ModelVersion
from backend.projects.audit import audit_list
from backend.projects.members import membership_set
from backend.projects.models import Label, Membership, Project
from backend.projects.services import label_create, project_update
from backend.users.models import User
from tests.builders import make_image, make_mask_body


def test_creating_a_project_makes_one_its_owner_with_a_label_and_the_default_model(
    api: APIClient, model_version: ModelVersion
) -> None:
    body = api.post("/api/v1/projects/", {"name": "Cats", "description": "all of them"}).json()
    assert (body["role"], body["model"]["id"]) == ("owner", model_version.pk)
    assert body["embedding_counts"] == {"queued": 0, "running": 0, "ready": 0, "failed": 0}
    labels = api.get(f"/api/v1/projects/{body['id']}/labels/").json()
    assert [(label["name"], label["category_id"]) for label in labels] == [("object", 1)]


def test_without_a_registered_model_creating_says_what_to_do(api: APIClient) -> None:
    answer = api.post("/api/v1/projects/", {"name": "Cats"})
    assert (answer.status_code, answer.json()["code"]) == (409, "model.none_registered")
    assert "register_models" in answer.json()["message"]


def test_the_list_shows_only_ones_own_projects_newest_first(
    api: APIClient, owner: User, make_user: Callable[[str], User], make_project: Callable[..., Project]
) -> None:
    first, second = make_project(owner, "first"), make_project(owner, "second")
    make_project(make_user("bob"), "somebody else's")
    body = api.get("/api/v1/projects/").json()
    assert [row["id"] for row in body["results"]] == [second.pk, first.pk]
    assert body["next"] is None


def test_figures_count_images_masks_and_states(api: APIClient, project: Project) -> None:
    images = [make_image(project, seed=seed) for seed in range(3)]
    label = project.labels.get()
    for _ in range(2):
        api.post(f"/api/v1/images/{images[0].pk}/masks/", make_mask_body(images[0], label.pk))
    Embedding.objects.filter(pk=images[0].embedding_id).update(state="ready", seconds=2.0)
    Embedding.objects.filter(pk=images[1].embedding_id).update(state="failed")
    body = api.get(f"/api/v1/projects/{project.pk}/").json()
    assert (body["image_count"], body["annotated_image_count"], body["mask_count"]) == (3, 1, 2)
    assert body["embedding_counts"] == {"queued": 1, "running": 0, "ready": 1, "failed": 1}
    assert body["embedding_eta_seconds"] == pytest.approx(2.0)


def test_the_list_takes_the_same_number_of_queries_for_any_number_of_projects(
    api: APIClient,
    owner: User,
    make_project: Callable[..., Project],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(6):
        make_image(make_project(owner, f"p{number}"), seed=number)
    with django_assert_max_num_queries(9):
        assert len(api.get("/api/v1/projects/").json()["results"]) == 6


def test_an_annotator_sees_and_labels_but_does_not_change_the_project(
    project: Project, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> None:
    bob = make_user("bob")
    membership_set(project=project, user=bob, role=Membership.Role.ANNOTATOR)
    browser = client_of(bob)
    url = f"/api/v1/projects/{project.pk}/"
    assert browser.get(url).json()["role"] == "annotator"
    for answer in (browser.patch(url, {"name": "mine"}), browser.delete(url)):
        assert (answer.status_code, answer.json()["code"]) == (403, "project.role_forbids")


def test_another_model_requests_embeddings_of_all_images(
    api: APIClient, project: Project, other_model: ModelVersion
) -> None:
    images = [make_image(project, seed=seed) for seed in range(2)]
    body = api.patch(f"/api/v1/projects/{project.pk}/", {"model": other_model.pk}).json()
    assert body["model"]["name"] == "vit_b"
    assert body["embedding_counts"]["queued"] == 2
    for image in images:
        image.refresh_from_db()
        assert image.embedding is not None
        assert image.embedding.model_version == other_model
    assert Embedding.objects.count() == 4


def test_another_model_takes_the_same_number_of_queries_for_any_number_of_images(
    project: Project,
    other_model: ModelVersion,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    images = [make_image(project, seed=seed) for seed in range(8)]
    ready = Embedding.objects.create(
        image_sha256=images[3].sha256, model_version=other_model, state="ready", queued_at=timezone.now()
    )
    # Two of them for the status of the work, which follows the embeddings; four for the sums of storage; one for what
    # was cancelled before; two for the history of the project's models; one for the order in which images come.
    with django_assert_num_queries(20), django_capture_on_commit_callbacks() as callbacks:
        project_update(project=project, changes={"model": other_model})
    assert len(callbacks) == 1
    images[3].refresh_from_db()
    assert images[3].embedding == ready
    queued = Embedding.objects.filter(model_version=other_model, state="queued").order_by("queued_at", "pk")
    assert [row.image_sha256 for row in queued] == [image.sha256 for image in images if image != images[3]]
    images[3].delete()
    for image in images[4:]:
        image.delete()
    Embedding.objects.filter(image_sha256__in=[image.sha256 for image in images[:2]]).update(state="ready")
    with django_assert_num_queries(19):
        project_update(project=project, changes={"model": project.model})


def test_category_ids_grow_and_names_are_unique(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/labels/"
    cat = api.post(url, {"name": "cat", "color": "#FF0000"}).json()
    assert (cat["category_id"], cat["color"], cat["mask_count"]) == (2, "#ff0000", 0)
    answer = api.post(url, {"name": "cat"})
    assert (answer.status_code, answer.json()["code"]) == (409, "label.name_taken")
    assert api.post(url, {"name": "dog", "color": "red"}).status_code == 400
    renamed = api.patch(f"/api/v1/labels/{cat['id']}/", {"name": "object"})
    assert renamed.json()["code"] == "label.name_taken"


def test_a_label_in_use_cannot_be_deleted(api: APIClient, project: Project) -> None:
    image, label = make_image(project), label_create(project=project, name="cat")
    api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label.pk))
    answer = api.delete(f"/api/v1/labels/{label.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "label.in_use")
    assert answer.json()["extra"] == {"mask_count": 1}
    unused = project.labels.get(name="object")
    assert api.delete(f"/api/v1/labels/{unused.pk}/").status_code == 204
    assert not Label.objects.filter(pk=unused.pk).exists()


def test_deleting_a_project_with_masks_removes_everything(api: APIClient, project: Project) -> None:
    image = make_image(project)
    api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, project.labels.get().pk))
    assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
    assert not Project.objects.exists()
    assert not Embedding.objects.exists()


def test_the_rules_by_which_people_label_are_off_at_first_and_changed_each_by_itself(
    api: APIClient, project: Project
) -> None:
    url = f"/api/v1/projects/{project.pk}/"
    names = ("is_class_free", "mask_seconds_hint", "order_hint")

    def rules(**changes: Any) -> tuple[Any, ...]:
        answer = api.patch(url, changes) if changes else api.get(url)
        assert answer.status_code == 200, answer.content
        return tuple(answer.json()[name] for name in names)

    assert rules() == (False, None, "none")
    assert rules(is_class_free=True) == (True, None, "none")
    assert rules(mask_seconds_hint=30, order_hint="prominence") == (True, 30, "prominence")
    assert rules(description="Cats") == (True, 30, "prominence")
    assert rules(mask_seconds_hint=None) == (True, None, "prominence")
    entry = audit_list(project=project)[0]
    assert (entry.action, entry.data["changed"]) == (
        "project.changed",
        {"mask_seconds_hint": [30, None]},
    )
    for wrong in ({"mask_seconds_hint": 0}, {"mask_seconds_hint": 3601}, {"order_hint": "size"}):
        answer = api.patch(url, wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")
    assert rules() == (True, None, "prominence")
    made = api.post("/api/v1/projects/", {"name": "Free", "is_class_free": True, "mask_seconds_hint": 1})
    assert (made.status_code, made.json()["is_class_free"], made.json()["mask_seconds_hint"]) == (
        201,
        True,
        1,
    )


def test_the_rules_are_shown_to_everybody_and_changed_by_managers(
    project: Project, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> None:
    url = f"/api/v1/projects/{project.pk}/"
    for role, status in (("manager", 200), ("reviewer", 403), ("annotator", 403), ("viewer", 403)):
        user = make_user(f"some-{role}")
        membership_set(project=project, user=user, role=Membership.Role(role))
        client = client_of(user)
        assert "is_class_free" in client.get(url).json()
        assert client.patch(url, {"is_class_free": True}).status_code == status


def test_an_image_of_a_class_free_project_is_submitted_and_accepted_with_masks_without_labels(
    api: APIClient, project: Project
) -> None:
    """The rules change what a page asks for, not what is taken."""
    api.patch(f"/api/v1/projects/{project.pk}/", {"is_class_free": True})
    image = make_image(project)
    body = make_mask_body(image, None)
    assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    for step in ("submit", "accept"):
        answer = api.post(f"/api/v1/images/{image.pk}/work/{step}/")
        assert answer.status_code == 200, answer.content
    answer = api.get(f"/api/v1/projects/{project.pk}/export/coco/?unlabelled=include")
    exported = json.loads(b"".join(answer.streaming_content))
    assert [category["name"] for category in exported["categories"]].count("unlabelled") == 1
    assert len(exported["annotations"]) == 1
