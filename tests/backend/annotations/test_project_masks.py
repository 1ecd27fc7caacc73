"""The masks of a project, page by page."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Label, Membership, Project
from backend.projects.services import label_create
from backend.quality.rounds import round_create
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import make_image, make_mask_body


def url_of(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/masks/"


def save(api: APIClient, image: Image, label: Label | None, **fields: Any) -> str:
    body = make_mask_body(image, 0) | {"label": label.pk if label else None} | fields
    answer = api.post(f"/api/v1/images/{image.pk}/masks/", body)
    assert answer.status_code == 201, answer.json()
    return str(body["id"])


def pages(api: APIClient, url: str) -> list[list[str]]:
    found = []
    while url:
        answer = api.get(url)
        assert answer.status_code == 200, answer.json()
        found.append([one["id"] for one in answer.json()["results"]])
        url = answer.json()["next"]
    return found


def test_pages_hold_every_mask_once_also_where_thousands_are_equal_in_order(
    api: APIClient, project: Project, label: Label
) -> None:
    images = [make_image(project, seed=seed) for seed in range(3)]
    for number in range(9):
        save(api, images[number % 3], label)
    # As masks from before changes were numbered.
    Mask.objects.filter(image=images[1]).update(sequence=0)
    found = pages(api, url_of(project) + "?page_size=2")
    assert [len(page) for page in found] == [2, 2, 2, 2, 1]
    flat = [one for page in found for one in page]
    assert sorted(flat) == sorted(str(pk) for pk in Mask.objects.values_list("pk", flat=True))
    wanted = [str(mask.pk) for mask in Mask.objects.order_by("image_id", "sequence", "pk")]
    assert flat == wanted


def test_pages_go_back_the_way_they_came(api: APIClient, project: Project, label: Label) -> None:
    image = make_image(project)
    for _ in range(5):
        save(api, image, label)
    first = api.get(url_of(project) + "?page_size=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert (first["previous"], third["next"]) == (None, None)
    back = api.get(third["previous"]).json()
    assert back["results"] == second["results"]
    assert api.get(back["next"]).json()["results"] == third["results"]
    assert api.get(back["previous"]).json()["results"] == first["results"]
    assert api.get(back["previous"]).json()["previous"] is None


@pytest.mark.parametrize(
    "cursor", ["x", "WzBd", "WzAsIjEiLCIyIiwibm8iXQ==", "W3t9XQ==", "WzAsMSwyLDNd", "A" * 500, "bnVsbA=="]
)
def test_a_cursor_nobody_gave_is_not_found(api: APIClient, project: Project, cursor: str) -> None:
    answer = api.get(url_of(project), {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_page_holds_a_thousand_at_most(api: APIClient, project: Project, label: Label) -> None:
    image = make_image(project)
    mask = Mask.objects.get(pk=save(api, image, label))
    rows = []
    for _ in range(1004):
        mask.pk = uuid.uuid4()
        rows.append(
            Mask(**{field.attname: getattr(mask, field.attname) for field in Mask._meta.concrete_fields})
        )
    Mask.objects.bulk_create(rows)
    assert [len(page) for page in pages(api, url_of(project) + "?page_size=5000")] == [1000, 5]
    assert len(api.get(url_of(project)).json()["results"]) == 100


def test_each_filter_keeps_what_it_names(
    api: APIClient, project: Project, label: Label, owner: User, make_user: Callable[[str], User]
) -> None:
    cat = label_create(project=project, name="cat")
    first, second = make_image(project, seed=1), make_image(project, seed=2)
    a = save(api, first, label)
    b = save(api, first, cat, stage="fully_automatic")
    c = save(api, second, None)
    WorkItem.objects.filter(image=second).update(status=Status.SUBMITTED)
    hour = timezone.now() - timedelta(hours=1)
    Mask.objects.filter(pk=a).update(created_at=hour, updated_at=hour)
    Mask.objects.filter(pk=b).update(created_at=hour, author=make_user("tim"))
    now = (hour + timedelta(minutes=30)).isoformat()

    def found(**query: Any) -> set[str]:
        answer = api.get(url_of(project), query)
        assert answer.status_code == 200, answer.json()
        return {one["id"] for one in answer.json()["results"]}

    assert found() == {a, b, c}
    assert found(ids=f"{a},{c}") == {a, c}
    assert found(image=first.pk) == {a, b}
    assert found(label=cat.pk) == {b}
    assert found(label=f"{cat.pk},{label.pk}") == {a, b}
    assert found(unlabelled="true") == {c}
    assert found(unlabelled="false") == {a, b}
    assert found(stage=["fully_automatic"]) == {b}
    assert found(author=owner.pk) == {a, c}
    assert found(status=["submitted"]) == {c}
    assert found(status=["submitted", "in_progress"]) == {a, b, c}
    assert found(since=now) == {c}
    assert found(until=now) == {a, b}
    assert found(updated_since=now) == {b, c}
    for bad in ({"ids": "x"}, {"label": "x"}, {"stage": ["x"]}, {"since": "x"}, {"author": 0}):
        assert api.get(url_of(project), bad).status_code == 400


def test_replicas_are_shown_to_their_annotator_in_the_originals_place(
    api: APIClient,
    client_of: Callable[[User], APIClient],
    project: Project,
    label: Label,
    owner: User,
    make_user: Callable[[str], User],
) -> None:
    blind = [make_user(name) for name in ("tim", "ben")]
    for user in blind:
        membership_set(project=project, user=user, role=Membership.Role.ANNOTATOR)
    original = make_image(project, seed=5)
    on_another = save(api, make_image(project, seed=4), label)
    round_create(
        project=project,
        actor=owner,
        name="first",
        annotator_ids=[user.pk for user in blind],
        annotators_per_image=2,
        image_ids=[original.pk],
    )
    own = {
        user.username: save(client_of(user), Image.objects.get(original=original, annotator=user), label)
        for user in blind
    }
    assert pages(api, url_of(project)) == [[on_another]]
    for user in blind:
        assert pages(client_of(user), url_of(project)) == [[on_another, own[user.username]]]


def test_a_page_costs_the_same_for_any_number_of_masks(
    api: APIClient, project: Project, label: Label, django_assert_max_num_queries: Any
) -> None:
    for seed in range(3):
        image = make_image(project, seed=seed)
        for _ in range(5):
            save(api, image, label)
    with django_assert_max_num_queries(8):
        assert len(api.get(url_of(project)).json()["results"]) == 15
