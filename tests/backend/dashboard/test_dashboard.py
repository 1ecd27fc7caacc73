"""The tables of the dashboard, through the API."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from backend.annotations.figures import SIZES, size_class, size_edges
from backend.annotations.models import Mask
from backend.embeddings.models import Embedding
from backend.embeddings.services import embedding_claim_batch, embedding_store
from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.projects.services import label_create
from backend.tallies.services import tallies_sweep
from backend.users.models import User
from backend.work.models import StatusChange
from tests.builders import encode_mask, make_image, make_mask_body, rectangle

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
# Of every project's and of all.
TABLES = ("activity/", "statuses/", "reviews/", "storage/")


def get(api: APIClient, address: str, **query: Any) -> Any:
    answer = api.get(f"/api/v1/{address}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def save(api: APIClient, image: Image, label_id: int | None = None, **fields: Any) -> str:
    body = make_mask_body(image, label_id, **fields)  # type: ignore[arg-type]
    assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    return str(body["id"])


def told(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def set_days(days: dict[str, int]) -> None:
    """Masks were made so many days after Monday; the sums learn of it."""
    for mask_id, day in days.items():
        Mask.objects.filter(pk=mask_id).update(created_at=MONDAY + timedelta(days=day))
    call_command("tallies_recount")


@pytest.fixture
def bob(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("bob")
    membership_set(project=project, user=user, role=Membership.Role.REVIEWER)
    return user


@pytest.fixture
def week(
    api: APIClient, project: Project, bob: User, client_of: Callable[[User], APIClient]
) -> dict[str, Any]:
    """Ada made two masks on Monday and one on Wednesday, Bob a large one by hand on Tuesday, without a label."""
    image, other = (
        make_image(project, seed=seed, name=f"{seed}.png", width=60, height=50) for seed in (1, 2)
    )
    label = project.labels.get().pk
    dog = label_create(project=project, name="dog").pk
    click = {"points": [[5.5, 6.5, 1], [8.5, 6.5, 0]], "box": [3.0, 4.0, 13.0, 9.0], "candidate": 0}
    shape = encode_mask(rectangle(50, 60, 5, 3, 9, 13))
    first = save(api, image, label, seconds_spent=2, prompts=click)
    given = encode_mask(rectangle(50, 60, 4, 3, 9, 13))
    second = save(
        api, image, dog, seconds_spent=4, segmentation=shape, model_segmentation=given, tool="brush"
    )
    third = save(api, image, label, seconds_spent=6, stage="semi_automatic")
    large = encode_mask(rectangle(50, 60, 0, 0, 40, 40))
    by_hand = save(
        client_of(bob),
        other,
        None,
        seconds_spent=20,
        model=None,
        segmentation=large,
        prompts={"points": [], "box": None, "candidate": 0},
    )
    set_days({first: 0, second: 0, third: 2, by_hand: 1})
    return {"address": f"projects/{project.pk}/dashboard/", "label": label, "dog": dog}


def test_numbers_of_masks_by_day(api: APIClient, week: dict[str, Any]) -> None:
    found = get(api, f"{week['address']}activity/")
    days = told(found["rows"], "key", "masks", "seconds", "clicks", "clicks_per_mask")
    assert days == [("2026-03-02", 2, 6, 4, 2), ("2026-03-03", 1, 20, 0, 0), ("2026-03-04", 1, 6, 1, 1)]
    total = found["total"]
    assert (total["masks"], total["seconds_per_mask"], total["masks_per_image"]) == (4, 8, 2)
    assert (total["model_masks"], total["compared_masks"], total["untouched"]) == (3, 3, 2)
    assert total["untouched_share"] == pytest.approx(2 / 3)
    assert total["model_iou"] == pytest.approx((1 + 0.8 + 1) / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("person", [("ada", 3), ("bob", 1)]),
        ("label", [("object", 2), ("dog", 1), ("No label", 1)]),
        ("stage", [("Assisted manual", 3), ("Semi automatic", 1)]),
        ("size", [("6–11 px", 3), ("32–55 px", 1)]),
    ],
)
def test_numbers_of_masks_by_everything_else(
    api: APIClient, week: dict[str, Any], by: str, expected: list[tuple[str, int]]
) -> None:
    rows = get(api, f"{week['address']}activity/", by=by)["rows"]
    assert sorted(told(rows, "name", "masks")) == sorted(expected)


def test_filters_work_together_and_with_what_is_not_drawn_in_yet(
    api: APIClient, project: Project, owner: User, bob: User, week: dict[str, Any]
) -> None:
    address = f"{week['address']}activity/"

    def masks(**query: Any) -> int:
        return int(get(api, address, **query)["total"]["masks"])

    assert masks(person=owner.pk) == 3
    assert masks(person=bob.pk, label="none") == 1
    assert masks(person=owner.pk, label=week["label"], stage="semi_automatic") == 1
    assert masks(person=owner.pk, label=week["dog"], by="size") == 1
    assert masks(model="none") == masks(label="none") == masks(since="2026-03-03", until="2026-03-03") == 1
    assert masks(model=project.model_id, until="2026-03-02") == 2
    assert masks(since="2030-01-01") == 0
    save(api, project.images.first(), week["dog"])  # type: ignore[arg-type]
    assert masks(person=owner.pk, label=week["dog"]) == 2
    assert masks(until="2026-12-31") in (4, 5), "made today, whenever that is"
    tallies_sweep()
    assert masks(person=owner.pk, label=week["dog"]) == 2
    filtered = get(api, address, stage="semi_automatic")
    assert filtered["total"]["masks_per_image"] is None


def test_days_are_split_by_person_and_the_smallest_parts_are_one(
    api: APIClient, project: Project, week: dict[str, Any], make_user: Callable[[str], User]
) -> None:
    rows = get(api, f"{week['address']}activity/", by="day", split="person")["rows"]
    assert told(rows, "key", "split_name", "masks") == [
        ("2026-03-02", "ada", 2),
        ("2026-03-03", "bob", 1),
        ("2026-03-04", "ada", 1),
    ]
    weeks = get(api, f"{week['address']}activity/", by="week", split="label", since="2026-03-03")["rows"]
    assert sorted(told(weeks, "key", "split_name", "masks")) == [
        ("2026-03-02", "No label", 1),
        ("2026-03-02", "object", 1),
    ]
    image = project.images.first()
    for number in range(9):
        mask = save(api, image)  # type: ignore[arg-type]
        Mask.objects.filter(pk=mask).update(author=make_user(f"person{number}"))
    call_command("tallies_recount")
    parts = get(api, f"{week['address']}activity/", by="day", split="person", since="2026-03-05")["rows"]
    assert len(parts) == 8
    assert [row["masks"] for row in parts if row["split_key"] == "others"] == [2]


def test_classes_of_size_have_the_edges_of_coco() -> None:
    assert [size_class(area) for area in (32**2 - 1, 32**2, 96**2 - 1, 96**2)] == [-1, 0, 1, 2]
    assert (size_class(1), size_class(10**9)) == (SIZES.start, SIZES.stop - 1)
    assert all(
        size_class(area) == size
        for size in SIZES
        for edge in [size_edges(size)[0]]
        if size > -1
        for area in [round(edge**2)]
    )


def test_images_by_status_at_the_end_of_each_day(
    api: APIClient, project: Project, bob: User, client_of: Callable[[User], APIClient]
) -> None:
    """Two images on Monday; one is begun and submitted on Tuesday, rejected on Wednesday, submitted and accepted on
    Friday."""
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in (1, 2)]
    Image.objects.update(created_at=MONDAY)
    at, reviewer = f"/api/v1/images/{images[0].pk}/work", client_of(bob)
    save(api, images[0])
    steps = [
        (api, "submit", {}),
        (reviewer, "reject", {"reason": "a hole"}),
        (api, "submit", {}),
        (reviewer, "accept", {}),
    ]
    for client, step, body in steps:
        assert client.post(f"{at}/{step}/", body).status_code == 200
    for change, day in zip(StatusChange.objects.all(), (1, 1, 2, 4, 4, 4), strict=True):
        StatusChange.objects.filter(pk=change.pk).update(created_at=MONDAY + timedelta(days=day))
    call_command("tallies_recount")
    address = f"projects/{project.pk}/dashboard/"
    rows = get(api, f"{address}statuses/", until="2026-03-06")["rows"]
    names = ("not_begun", "in_progress", "submitted", "accepted", "rejected")
    assert told(rows, *names) == [
        (2, 0, 0, 0, 0),
        (1, 0, 1, 0, 0),
        (1, 0, 0, 0, 1),
        (1, 0, 0, 0, 1),
        (1, 0, 0, 1, 0),
    ]
    later = get(api, f"{address}statuses/", since="2026-03-05", until="2026-03-06")["rows"]
    assert later == rows[3:]
    far = get(api, f"{address}statuses/", since="0001-01-01", until="9999-12-31")["rows"]
    assert (far[0], far[-1]["day"]) == (rows[0], timezone.now().date().isoformat())

    reviews = f"{address}reviews/"
    assert told(get(api, reviews, by="author")["rows"], "name", "submitted", "accepted", "rejected") == [
        ("ada", 2, 1, 1)
    ]
    [row] = get(api, reviews, by="reviewer")["rows"]
    assert row == {
        "key": str(bob.pk),
        "name": "bob",
        "begun": 0,
        "submitted": 0,
        "accepted": 1,
        "rejected": 1,
        "reopened": 0,
        "accepted_share": 0.5,
    }
    assert get(api, reviews, author=bob.pk)["rows"] == []
    by_day = get(api, reviews, reviewer=bob.pk, since="2026-03-05")["rows"]
    assert told(by_day, "key", "accepted", "rejected") == [("2026-03-06", 1, 0)]


def test_storage_is_the_sum_of_the_files_of_images_and_of_their_embeddings(
    api: APIClient, project: Project, owner: User, make_project: Callable[..., Project], other_model: Any
) -> None:
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in (1, 2)]
    address = f"projects/{project.pk}/dashboard/storage/"
    total = get(api, address)["total"]
    assert total["original_bytes"] == sum(image.byte_size for image in images)
    assert total["thumbnail_bytes"] == sum(image.thumbnail_bytes for image in images)
    assert (total["images"], total["display_bytes"], total["embedding_bytes"]) == (2, 0, 0)
    claim, rows = embedding_claim_batch(limit=9, lease_seconds=60)
    for row in rows:
        embedding_store(embedding=row, claim=claim, content=b"12345", seconds=1)
    assert get(api, address)["total"]["embedding_bytes"] == 10
    # Another project with one of the pictures: its embedding is there once and counts in both.
    again = make_project(owner, "Again")
    make_image(again, seed=1, name="1.png")
    assert Embedding.objects.count() == 2
    found = get(api, "dashboard/storage/")
    assert told(found["rows"], "name", "embedding_bytes") == [("Cats", 10), ("Again", 5)]
    model = {"model": other_model.pk}
    assert api.patch(f"/api/v1/projects/{project.pk}/", model).status_code == 200
    # What an image is shown with counts until the other model's is there.
    assert get(api, address)["total"]["embedding_bytes"] == 10
    claim, rows = embedding_claim_batch(limit=9, lease_seconds=60)
    assert [row.model_version for row in rows] == [other_model, other_model]
    for row in rows:
        embedding_store(embedding=row, claim=claim, content=b"123", seconds=1)
    assert get(api, address)["total"]["embedding_bytes"] == 6
    model = {"model": again.model_id}
    assert api.patch(f"/api/v1/projects/{project.pk}/", model).status_code == 200
    assert api.delete(f"/api/v1/images/{images[0].pk}/").status_code == 204
    kept = get(api, address)
    assert (kept["total"]["images"], kept["total"]["embedding_bytes"]) == (1, 5)
    call_command("tallies_recount")
    assert get(api, address) == kept


def test_across_projects_only_those_are_told_whose_dashboard_one_may_see(
    api: APIClient,
    project: Project,
    week: dict[str, Any],
    bob: User,
    make_user: Callable[[str], User],
    make_project: Callable[..., Project],
    client_of: Callable[[User], APIClient],
) -> None:
    cleo = make_user("cleo")
    hers = make_project(cleo, "Dogs")
    save(client_of(cleo), make_image(hers, seed=7), label_create(project=hers, name="dog").pk)
    membership_set(project=hers, user=bob, role=Membership.Role.ANNOTATOR)
    assert told(get(client_of(bob), "dashboard/activity/", by="project")["rows"], "name", "masks") == [
        ("Cats", 4)
    ]
    answer = client_of(bob).get(f"/api/v1/dashboard/activity/?project={hers.pk}")
    assert (answer.status_code, answer.json()["code"]) == (404, "project.not_found")
    membership_set(project=hers, user=bob, role=Membership.Role.MANAGER)
    found = get(client_of(bob), "dashboard/activity/", by="project")
    assert told(found["rows"], "name", "masks", "masks_per_image") == [("Cats", 4, 2), ("Dogs", 1, 1)]
    labels = get(client_of(bob), "dashboard/activity/", by="label")["rows"]
    assert ("dog", 2) in told(labels, "name", "masks"), "labels of one name are one"
    one = get(client_of(bob), "dashboard/activity/", by="project", project=[hers.pk])
    assert told(one["rows"], "name") == [("Dogs",)]
    nobody = client_of(make_user("dan"))
    for table in TABLES:
        assert get(nobody, f"dashboard/{table}")["rows"] == []


def test_tables_come_as_csv_that_no_spreadsheet_calculates_with(
    api: APIClient, project: Project, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(display_name="=1+1")
    image = make_image(project)
    save(api, image, seconds_spent=2.5)
    answer = api.get(f"/api/v1/projects/{project.pk}/dashboard/activity/?by=person&format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="activity.csv"'
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["name"], row["masks"], row["seconds"], row["untouched_share"]) == ("'=1+1", "1", "2.5", "1.0")
    assert row["split_name"] == ""
    for table in TABLES:
        for address in (f"projects/{project.pk}/dashboard/{table}", f"dashboard/{table}"):
            lines = api.get(f"/api/v1/{address}?format=csv").content.decode().splitlines()
            assert len(lines) >= 1
            assert lines[0].split(",")[0] in ("key", "day")
    assert api.options("/api/v1/dashboard/activity/", headers={"Accept": "text/csv"}).status_code == 200
    refused = api.get("/api/v1/dashboard/activity/?format=csv&by=colour")
    assert (refused.status_code, refused.json()["code"]) == (400, "input.invalid")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("by=colour", "input.invalid"),
        ("by=project", "input.invalid"),
        ("since=yesterday", "input.invalid"),
        ("since=2026-03-02&until=2026-03-01", "dashboard.period"),
        ("person=-1", "input.invalid"),
        ("label=99999999999999999999", "input.invalid"),
        ("model=sam", "input.invalid"),
        ("stage=late", "input.invalid"),
        ("split=day", "input.invalid"),
    ],
)
def test_filters_nobody_can_mean_are_refused(api: APIClient, project: Project, query: str, code: str) -> None:
    answer = api.get(f"/api/v1/projects/{project.pk}/dashboard/activity/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("projects/{project}/dashboard/activity/?by=day", 3),
        ("projects/{project}/dashboard/activity/?by=day&since=2020-01-01", 2),
        ("projects/{project}/dashboard/activity/?by=day&split=person&since=2020-01-01", 4),
        ("projects/{project}/dashboard/activity/?by=label&person={person}", 3),
        ("projects/{project}/dashboard/statuses/", 3),
        ("projects/{project}/dashboard/reviews/?by=author", 3),
        ("projects/{project}/dashboard/storage/", 3),
        ("dashboard/activity/?by=project", 4),
        ("dashboard/statuses/", 3),
    ],
)
def test_a_table_takes_the_same_number_of_queries_for_any_number_of_rows(
    api: APIClient,
    project: Project,
    owner: User,
    address: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(1, 4)]
    url = "/api/v1/" + address.format(project=project.pk, person=owner.pk)
    for count in (1, 2):
        for image in images[:count]:
            save(api, image, label_create(project=project, name=f"{image.file_name} {count}").pk)
        with django_assert_num_queries(queries + 2):  # the session and its person
            assert api.get(url).status_code == 200
