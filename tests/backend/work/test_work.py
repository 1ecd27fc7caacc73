"""How far images are, whose they are, and what people do with them, through the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from backend.common.errors import NotFound
from backend.embeddings import services as embeddings
from backend.embeddings.models import Embedding
from backend.images.models import Image
from backend.projects.members import membership_remove, membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.gate import image_hold
from backend.work.leases import leases_sweep
from backend.work.models import Status, WorkItem
from tests.builders import make_image, make_mask_body

Role = Membership.Role


@pytest.fixture
def person(project: Project, make_user: Callable[[str], User]) -> Callable[..., User]:
    """A member: person("carl", Role.ANNOTATOR)."""

    def make(name: str, role: Membership.Role = Role.ANNOTATOR) -> User:
        user = make_user(name)
        membership_set(project=project, user=user, role=role)
        return user

    return make


@pytest.fixture
def images(project: Project) -> list[Image]:
    """Four images whose embeddings are there."""
    made = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(1, 5)]
    claim, rows = embeddings.embedding_claim_batch(limit=9, lease_seconds=60)
    for row in rows:
        embeddings.embedding_store(embedding=row, claim=claim, content=b"..", seconds=1)
    return made


@pytest.fixture
def post(client_of: Callable[[User], APIClient]) -> Callable[..., Any]:
    """post(user, "images/3/work/submit/", reason="...") -> the answer."""

    def send(user: User, address: str, **body: Any) -> Any:
        return client_of(user).post(f"/api/v1/{address}", body)

    return send


def save_mask(post: Callable[..., Any], user: User, image: Image) -> Any:
    body = make_mask_body(image, image.project.labels.get().pk)
    return post(user, f"images/{image.pk}/masks/", **body)


def status_of(image: Image) -> str:
    return WorkItem.objects.get(pk=image.pk).status


def pull(post: Callable[..., Any], user: User, project: Project) -> int | None:
    answer = post(user, f"projects/{project.pk}/work/next/")
    assert answer.status_code == 200, answer.content
    found: int | None = answer.json()["image_id"]
    return found


def test_an_image_at_rest_is_what_its_embedding_is(project: Project) -> None:
    image = make_image(project)
    assert status_of(image) == Status.NEW
    claim, (row,) = embeddings.embedding_claim_batch(limit=1, lease_seconds=60)
    assert status_of(image) == Status.EMBEDDING
    embeddings.embedding_fail(embedding=row, claim=claim, code="x.y", message="why", is_permanent=True)
    assert status_of(image) == Status.NEW
    embeddings.embedding_retry(image=image)
    claim, (row,) = embeddings.embedding_claim_batch(limit=1, lease_seconds=60)
    embeddings.embedding_release(claim=claim)
    assert status_of(image) == Status.NEW
    claim, (row,) = embeddings.embedding_claim_batch(limit=1, lease_seconds=60)
    Embedding.objects.filter(pk=row.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    embeddings.embedding_sweep()
    assert status_of(image) == Status.NEW
    claim, (row,) = embeddings.embedding_claim_batch(limit=1, lease_seconds=60)
    embeddings.embedding_store(embedding=row, claim=claim, content=b"..", seconds=1)
    assert status_of(image) == Status.READY


def test_work_that_was_begun_does_not_follow_the_embedding(
    project: Project, images: list[Image], person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna = person("anna")
    assert pull(post, anna, project) == images[0].pk
    embeddings.project_embeddings_request(project=project)
    Embedding.objects.update(state="running")
    WorkItem.objects.filter(pk=images[1].pk).update(status=Status.NEW)
    embeddings.project_embeddings_request(project=project)
    assert [status_of(image) for image in images[:2]] == [Status.IN_PROGRESS, Status.EMBEDDING]


def test_people_are_given_different_images_and_the_same_again_until_it_is_done(
    project: Project, images: list[Image], person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, bob = person("anna"), person("bob")
    assert pull(post, anna, project) == images[0].pk
    assert pull(post, bob, project) == images[1].pk
    assert pull(post, anna, project) == images[0].pk
    assert post(anna, f"images/{images[0].pk}/work/submit/").json()["status"] == "submitted"
    assert pull(post, anna, project) == images[2].pk


def test_there_is_no_next_image_without_an_embedding(
    project: Project, person: Callable[..., User], post: Callable[..., Any]
) -> None:
    make_image(project)
    assert pull(post, person("anna"), project) is None


def test_what_is_assigned_comes_before_what_is_anybodys_and_rejected_work_before_both(
    project: Project, images: list[Image], owner: User, person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna = person("anna")
    chosen = {"image_ids": [images[3].pk], "user_ids": [anna.pk]}
    answer = post(owner, f"projects/{project.pk}/work/assign/", **chosen)
    assert answer.json() == {"assigned": 1, "passed_over": 0, "given": [{"user_id": anna.pk, "count": 1}]}
    assert pull(post, anna, project) == images[3].pk
    post(anna, f"images/{images[3].pk}/work/submit/")
    assert pull(post, anna, project) == images[0].pk
    post(anna, f"images/{images[0].pk}/work/submit/")
    rejected = post(owner, f"images/{images[3].pk}/work/reject/", reason="the tail is missing").json()
    assert (rejected["status"], rejected["review_reason"]) == ("rejected", "the tail is missing")
    assert rejected["assignee"]["id"] == anna.pk
    assert pull(post, anna, project) == images[3].pk
    assert status_of(images[3]) == Status.IN_PROGRESS


def test_whoever_saves_a_mask_begins_the_image_and_others_are_kept_off_it(
    images: list[Image], person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, bob, rita = person("anna"), person("bob"), person("rita", Role.REVIEWER)
    assert save_mask(post, anna, images[0]).status_code == 201
    item = WorkItem.objects.get(pk=images[0].pk)
    assert (item.status, item.assignee, item.is_taken) == (Status.IN_PROGRESS, anna, True)
    refused = save_mask(post, bob, images[0])
    assert (refused.status_code, refused.json()["code"]) == (403, "image.assigned_to_other")
    assert save_mask(post, rita, images[0]).status_code == 201
    item.refresh_from_db()
    assert item.assignee == anna


def test_submitted_and_accepted_masks_are_locked_against_annotators(
    images: list[Image],
    client_of: Callable[[User], APIClient],
    person: Callable[..., User],
    post: Callable[..., Any],
) -> None:
    anna, rita = person("anna"), person("rita", Role.REVIEWER)
    mask = save_mask(post, anna, images[0]).json()
    work = f"images/{images[0].pk}/work/"
    post(anna, f"{work}submit/")
    address = f"/api/v1/masks/{mask['id']}/"
    for step in ("submitted", "accepted"):
        assert status_of(images[0]) == step
        for answer in (
            save_mask(post, anna, images[0]),
            client_of(anna).patch(address, {"revision": 1, "z": 1}),
            client_of(anna).delete(f"{address}?revision=1"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "image.locked")
        assert post(rita, f"{work}accept/").status_code == (200 if step == "submitted" else 409)
    fixed = client_of(rita).patch(address, {"revision": 1, "z": 7}).json()
    assert (fixed["z"], fixed["author"], fixed["updated_by"]) == (7, "anna", "rita")
    assert post(rita, f"{work}reject/", reason="look again").json()["status"] == "rejected"
    assert client_of(anna).patch(address, {"revision": 2, "z": 1}).status_code == 200
    assert status_of(images[0]) == Status.IN_PROGRESS


def test_a_mask_is_refused_when_the_image_was_accepted_in_the_meantime(
    images: list[Image],
    person: Callable[..., User],
    monkeypatch: pytest.MonkeyPatch,
    post: Callable[..., Any],
) -> None:
    """Between the check of the permissions and the transaction that saves."""
    from backend.annotations import views

    anna = person("anna")
    real = views.MaskCreateSerializer

    def late(*args: Any, **options: Any) -> Any:
        WorkItem.objects.filter(pk=images[0].pk).update(status=Status.ACCEPTED)
        return real(*args, **options)

    monkeypatch.setattr(views, "MaskCreateSerializer", late)
    assert save_mask(post, anna, images[0]).json()["code"] == "image.locked"
    assert images[0].masks.count() == 0  # type: ignore[attr-defined]


def test_a_mask_of_somebody_taken_out_in_the_meantime_is_not_saved(
    project: Project, images: list[Image], person: Callable[..., User]
) -> None:
    anna = person("anna")
    Membership.objects.filter(project=project, user=anna).delete()
    with pytest.raises(NotFound), transaction.atomic():
        image_hold(image=images[0], user=anna)
    assert status_of(images[0]) == Status.READY


def test_steps_that_do_not_follow_are_refused(
    images: list[Image], person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, rita = person("anna"), person("rita", Role.REVIEWER)
    work = f"images/{images[0].pk}/work/"
    post(anna, f"{work}submit/")
    again = post(anna, f"{work}submit/")
    assert (again.status_code, again.json()["code"]) == (409, "work.transition")
    assert again.json()["extra"] == {"status": "submitted", "wanted": "submitted"}
    assert post(anna, f"{work}skip/", reason="dark").json()["code"] == "work.transition"
    assert post(anna, f"{work}withdraw/").json()["status"] == "in_progress"
    assert post(rita, f"{work}accept/").json()["code"] == "work.transition"
    assert post(rita, f"images/{images[1].pk}/work/reject/", reason="x").status_code == 403, "nobody's work"


def test_who_skips_an_image_is_not_given_it_again_but_others_are(
    project: Project,
    images: list[Image],
    person: Callable[..., User],
    post: Callable[..., Any],
    api: APIClient,
) -> None:
    anna, bob = person("anna"), person("bob")
    assert pull(post, anna, project) == images[0].pk
    assert post(anna, f"images/{images[0].pk}/work/skip/").status_code == 400, "a reason is asked for"
    skipped = post(anna, f"images/{images[0].pk}/work/skip/", reason="too dark").json()
    assert (skipped["status"], skipped["assignee"]) == ("ready", None)
    assert pull(post, anna, project) == images[1].pk
    assert pull(post, bob, project) == images[0].pk
    listed = api.get(f"/api/v1/projects/{project.pk}/images/?skipped=true").json()["results"]
    assert [image["id"] for image in listed] == [images[0].pk]
    detail = api.get(f"/api/v1/images/{images[0].pk}/work/").json()
    assert [(skip["user"]["display_name"], skip["reason"]) for skip in detail["skips"]] == [
        ("anna", "too dark")
    ]
    assert [(c["before"], c["after"]) for c in detail["changes"]] == [
        ("ready", "in_progress"),
        ("in_progress", "ready"),
        ("ready", "in_progress"),
    ]


def test_an_abandoned_image_returns_and_a_sign_of_life_keeps_it(
    project: Project, images: list[Image], owner: User, person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, bob = person("anna"), person("bob")
    pull(post, anna, project)
    post(owner, f"projects/{project.pk}/work/assign/", image_ids=[images[1].pk], user_ids=[bob.pk])
    assert pull(post, bob, project) == images[1].pk
    assert leases_sweep() == 0
    gone = timezone.now() - timedelta(seconds=1)
    WorkItem.objects.filter(status=Status.IN_PROGRESS).update(lease_expires_at=gone)
    post(bob, f"images/{images[1].pk}/work/lease/")
    assert leases_sweep() == 1
    item = WorkItem.objects.get(pk=images[0].pk)
    assert (item.status, item.assignee, item.is_taken, item.lease_expires_at) == (
        Status.READY,
        None,
        False,
        None,
    )
    assert status_of(images[1]) == Status.IN_PROGRESS
    WorkItem.objects.filter(pk=images[1].pk).update(lease_expires_at=gone)
    assert leases_sweep() == 1
    item = WorkItem.objects.get(pk=images[1].pk)
    assert (item.status, item.assignee) == (Status.READY, bob), "what a manager assigned stays assigned"


def test_a_sign_of_life_about_anothers_work_changes_nothing(
    project: Project, images: list[Image], person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, bob = person("anna"), person("bob")
    pull(post, anna, project)
    before = WorkItem.objects.get(pk=images[0].pk).lease_expires_at
    told = post(bob, f"images/{images[0].pk}/work/lease/").json()
    assert told["assignee"]["display_name"] == "anna"
    assert WorkItem.objects.get(pk=images[0].pk).lease_expires_at == before


def test_images_are_dealt_in_turn_in_blocks_and_only_so_many(
    project: Project, images: list[Image], owner: User, person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, bob = person("anna"), person("bob")
    address, both = f"projects/{project.pk}/work/assign/", [anna.pk, bob.pk]

    def owners() -> list[str | None]:
        rows = WorkItem.objects.order_by("pk").values_list("assignee__username", flat=True)
        return list(rows)

    post(owner, address, status=["ready"], user_ids=both)
    assert owners() == ["anna", "bob", "anna", "bob"]
    post(owner, address, user_ids=both, order="in_blocks")
    assert owners() == ["anna", "anna", "bob", "bob"]
    post(owner, address, assignee=bob.pk, user_ids=[])
    assert owners() == ["anna", "anna", None, None]
    post(owner, address, assignee=None, limit=1, user_ids=[bob.pk])
    assert owners() == ["anna", "anna", "bob", None]


def test_assigning_moves_work_that_was_begun_but_none_that_is_done(
    project: Project, images: list[Image], owner: User, person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna, bob = person("anna"), person("bob")
    for image in images[:2]:
        assert save_mask(post, anna, image).status_code == 201
    post(anna, f"images/{images[1].pk}/work/submit/")
    answer = post(owner, f"projects/{project.pk}/work/assign/", user_ids=[bob.pk]).json()
    assert (answer["assigned"], answer["passed_over"]) == (3, 1)
    first, second = (WorkItem.objects.get(pk=image.pk) for image in images[:2])
    assert (first.status, first.assignee, first.is_taken) == (Status.READY, bob, False)
    assert (second.status, second.assignee) == (Status.SUBMITTED, anna)


def test_images_are_given_only_to_members_who_label(
    project: Project,
    images: list[Image],
    owner: User,
    person: Callable[..., User],
    make_user: Callable[[str], User],
    post: Callable[..., Any],
) -> None:
    for user in (person("vera", Role.VIEWER), make_user("eve")):
        answer = post(owner, f"projects/{project.pk}/work/assign/", user_ids=[user.pk])
        assert (answer.status_code, answer.json()["code"]) == (400, "work.assignee")
    assert not WorkItem.objects.exclude(assignee=None).exists()


def test_a_review_is_given_to_one_reviewer_and_never_to_the_author(
    project: Project, images: list[Image], person: Callable[..., User], post: Callable[..., Any]
) -> None:
    rita, rolf = person("rita", Role.REVIEWER), person("rolf", Role.REVIEWER)
    address = f"projects/{project.pk}/work/next-review/"
    post(rita, f"images/{images[0].pk}/work/submit/")
    assert post(rita, address).json()["image_id"] is None
    assert post(rolf, address).json()["image_id"] == images[0].pk
    assert post(rolf, address).json()["image_id"] == images[0].pk
    own = post(rita, f"images/{images[0].pk}/work/accept/")
    assert (own.status_code, own.json()["code"]) == (403, "project.role_forbids")
    anna = person("anna")
    post(anna, f"images/{images[1].pk}/work/submit/")
    assert post(rita, address).json()["image_id"] == images[1].pk
    WorkItem.objects.exclude(reviewer=None).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    leases_sweep()
    assert post(rita, address).json()["image_id"] == images[1].pk
    assert post(rolf, address).json()["image_id"] == images[0].pk


def test_what_somebody_who_left_had_to_do_is_everybodys(
    project: Project, images: list[Image], owner: User, person: Callable[..., User], post: Callable[..., Any]
) -> None:
    anna = person("anna")
    post(owner, f"projects/{project.pk}/work/assign/", user_ids=[anna.pk])
    save_mask(post, anna, images[1])
    post(anna, f"images/{images[2].pk}/work/submit/")
    membership_remove(project=project, editor=owner, user_id=anna.pk)
    items = WorkItem.objects.order_by("pk").values_list("status", "assignee")
    assert list(items) == [("ready", None), ("ready", None), ("submitted", anna.pk), ("ready", None)]


def test_figures_count_by_status_and_person(
    project: Project,
    images: list[Image],
    person: Callable[..., User],
    post: Callable[..., Any],
    api: APIClient,
) -> None:
    anna = person("anna")
    pull(post, anna, project)
    figures = api.get(f"/api/v1/projects/{project.pk}/work/").json()
    assert figures["counts"] == {"in_progress": 1, "ready": 3}
    shares = {(share["user"] or {}).get("display_name"): share["counts"] for share in figures["shares"]}
    assert shares == {"ada": {}, "anna": {"in_progress": 1}, None: {"ready": 3}}


def test_the_list_is_filtered_by_status_person_and_name(
    project: Project,
    images: list[Image],
    person: Callable[..., User],
    post: Callable[..., Any],
    api: APIClient,
) -> None:
    anna = person("anna")
    pull(post, anna, project)

    def listed(query: str) -> list[int]:
        answer = api.get(f"/api/v1/projects/{project.pk}/images/?{query}")
        return [image["id"] for image in answer.json()["results"]]

    ids = [image.pk for image in images]
    assert listed("status=in_progress") == ids[:1]
    assert listed("status=in_progress&status=ready") == ids
    assert listed(f"assignee={anna.pk}") == ids[:1]
    assert listed("assigned=false") == ids[1:]
    assert listed("assigned=true") == ids[:1]
    assert listed("name=2.p") == [ids[1]]
