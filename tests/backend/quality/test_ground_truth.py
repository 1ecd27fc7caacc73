"""Images whose truth is known: withheld, handed out at a rate, scored, and never told of."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.projects.models import AuditEntry, Project
from backend.quality.ground_truth import is_due
from backend.quality.models import GroundTruthScore, Replica
from backend.users.models import User
from backend.work.models import WorkItem
from tests.backend.quality.conftest import Role, box


@pytest.fixture
def truth(api: APIClient, owner: User, images: list[Image], draw: Any, submit: Any) -> Image:
    """The first image, with two masks that were accepted, marked."""
    image = images[0]
    for mask in (box(0, 0, 10, 10), box(15, 20, 25, 30)):
        draw(owner, image.pk, mask)
    submit(owner, image.pk)
    assert api.post(f"/api/v1/images/{image.pk}/work/accept/").status_code == 200
    assert api.post(f"/api/v1/images/{image.pk}/ground-truth/").status_code == 200
    return image


@pytest.fixture
def always(api: APIClient, project: Project, truth: Image) -> None:
    rate(api, project, 1)


def rate(api: APIClient, project: Project, value: int) -> None:
    answer = api.patch(f"/api/v1/projects/{project.pk}/quality/settings/", {"ground_truth_rate": value})
    assert answer.status_code == 200, answer.content
    assert answer.json()["ground_truth_rate"] == value


def pull(client: APIClient, project: Project) -> int | None:
    found: int | None = client.post(f"/api/v1/projects/{project.pk}/work/next/").json()["image_id"]
    return found


def test_only_accepted_images_with_masks_can_be_the_truth(
    api: APIClient, images: list[Image], truth: Image, project: Project
) -> None:
    answer = api.post(f"/api/v1/images/{images[1].pk}/ground-truth/")
    assert (answer.status_code, answer.json()["code"]) == (409, "ground_truth.not_accepted")
    assert api.post(f"/api/v1/images/{truth.pk}/ground-truth/").status_code == 200
    (row,) = api.get(f"/api/v1/projects/{project.pk}/quality/ground-truth/").json()["results"]
    assert (row["image"], row["mask_count"], row["handed_out"], row["scored"]) == (truth.pk, 2, 0, 0)
    assert AuditEntry.objects.filter(action="ground_truth.marked").count() == 1
    answer = api.post(f"/api/v1/images/{truth.pk}/work/reject/", {"reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "work.held")


def test_who_labels_sees_nothing_of_the_truth_also_not_in_exports(
    project: Project,
    truth: Image,
    person: Callable[..., User],
    client_of: Callable[[User], APIClient],
) -> None:
    mask_id = truth.masks.first().pk
    for name, role, sees in (
        ("bill", Role.ANNOTATOR, False),
        ("vera", Role.VIEWER, False),
        ("rose", Role.REVIEWER, True),
        ("mara", Role.MANAGER, True),
    ):
        client = client_of(person(name, role))
        expected = 200 if sees else 404
        for address in ("", "masks/", "threads/", "file/", "thumbnail/", "work/", "masks/changes/"):
            assert client.get(f"/api/v1/images/{truth.pk}/{address}").status_code == expected
        assert client.get(f"/api/v1/masks/{mask_id}/history/").status_code == expected
        listed = client.get(f"/api/v1/projects/{project.pk}/images/").json()["results"]
        assert len(listed) == (4 if sees else 3)
        assert client.get(f"/api/v1/projects/{project.pk}/").json()["image_count"] == len(listed)
        work = client.get(f"/api/v1/projects/{project.pk}/work/").json()
        assert sum(work["counts"].values()) == len(listed)
        export = client.get(f"/api/v1/projects/{project.pk}/export/coco/")
        coco = json.loads(b"".join(export.streaming_content))  # type: ignore[attr-defined]
        assert (len(coco["images"]), len(coco["annotations"])) == ((4, 2) if sees else (3, 0))


def test_it_is_handed_out_like_any_other_image_once_to_each_annotator(
    always: None,
    project: Project,
    truth: Image,
    people: list[User],
    images: list[Image],
    client_of: Callable[[User], APIClient],
    submit: Any,
) -> None:
    client = client_of(people[0])
    given = pull(client, project)
    assert given is not None
    assert Image.objects.get(pk=given).original_id == truth.pk
    shown = client.get(f"/api/v1/images/{given}/").json()
    assert (shown["file_name"], shown["mask_count"], shown["work"]["is_taken"]) == ("1.png", 0, True)
    assert pull(client, project) == given
    submit(people[0], given)
    second = pull(client, project)
    assert second == images[1].pk
    ordinary = client.get(f"/api/v1/images/{second}/").json()
    assert set(ordinary) == set(shown)
    assert set(ordinary["work"]) == set(shown["work"])
    assert ordinary["work"]["is_taken"] is True
    changes = client.get(f"/api/v1/images/{given}/work/").json()["changes"]
    assert [change["after"] for change in changes] == ["in_progress", "submitted"]
    # Somebody else is given one of their own, also where it is the last image there is.
    other = pull(client_of(people[1]), project)
    assert Replica.objects.get(pk=other).kind == "ground_truth"


def test_nobody_gets_one_who_made_it_or_judges_or_manages(
    api: APIClient,
    always: None,
    project: Project,
    truth: Image,
    images: list[Image],
    person: Callable[..., User],
    client_of: Callable[[User], APIClient],
) -> None:
    drawer = person("dora")
    truth.masks.update(author=drawer)
    for user in (drawer, person("rose", Role.REVIEWER), person("mara", Role.MANAGER)):
        assert pull(client_of(user), project) in {image.pk for image in images[1:]}
    assert not Replica.objects.exists()


def test_one_in_so_many_pulls_is_one_at_a_place_nobody_can_tell(project: Project, people: list[User]) -> None:
    places = []
    for user in people:
        due = [is_due(pull, 10, project=project, user=user) for pull in range(1, 1001)]
        blocks = [due[start : start + 10] for start in range(0, 1000, 10)]
        assert [sum(block) for block in blocks] == [1] * 100
        places.append([block.index(True) for block in blocks])
    assert places[0] != places[1] != places[2]
    assert len(set(places[0])) == 10
    assert all(is_due(pull, 1, project=project, user=people[0]) for pull in range(1, 20))


def test_pulls_are_counted_and_without_a_rate_there_is_none(
    api: APIClient,
    project: Project,
    truth: Image,
    people: list[User],
    client_of: Callable[[User], APIClient],
    submit: Any,
) -> None:
    """Two ordinary images and the truth, one in three: whichever of the first three pulls it is."""
    client = client_of(people[0])
    first = pull(client, project)
    assert first is not None
    assert not Replica.objects.exists()
    submit(people[0], first)
    rate(api, project, 3)
    given = []
    while (image_id := pull(client, project)) is not None:
        given.append(image_id)
        submit(people[0], image_id)
    due = [is_due(number, 3, project=project, user=people[0]) for number in range(1, 4)]
    # Ordinary images end first where the truth's turn is last: then there is nothing to stand in for.
    expected = 1 if due.index(True) < 2 else 0
    assert len(given) == 2 + expected
    assert Replica.objects.count() == expected


def test_what_is_submitted_is_scored_against_the_truth(
    api: APIClient,
    always: None,
    project: Project,
    truth: Image,
    people: list[User],
    client_of: Callable[[User], APIClient],
    draw: Any,
    submit: Any,
) -> None:
    """One of two found at 90/100, one invented."""
    client = client_of(people[0])
    given = pull(client, project)
    assert given is not None
    draw(people[0], given, box(0, 0, 10, 9))
    draw(people[0], given, box(0, 30, 5, 35))
    submit(people[0], given)
    (row,) = api.get(f"/api/v1/projects/{project.pk}/quality/scores/").json()["results"]
    assert (row["missed"], row["false_positives"], row["matched"]) == (1, 1, 1)
    assert (row["recall"], row["precision"], row["f1"]) == (0.5, 0.5, 0.5)
    assert row["mean_iou"] == pytest.approx(0.9)
    assert (row["image"], row["replica"], row["annotator"]["id"]) == (truth.pk, given, people[0].pk)
    # Taken back and submitted anew it is scored anew.
    client.post(f"/api/v1/images/{given}/work/withdraw/")
    draw(people[0], given, box(15, 20, 25, 30))
    submit(people[0], given)
    assert GroundTruthScore.objects.get().recall == 1.0
    (person,) = api.get(f"/api/v1/projects/{project.pk}/quality/agreement/").json()
    assert person["ground_truth"]["n"] == 1
    assert person["ground_truth"]["precision"] == pytest.approx(2 / 3)
    assert person["consensus"]["n"] == 0
    for address in ("scores", "agreement", "ground-truth", "settings", "rounds"):
        assert client.get(f"/api/v1/projects/{project.pk}/quality/{address}/").status_code == 403


def test_unmarked_it_is_an_ordinary_image_again(
    api: APIClient,
    always: None,
    project: Project,
    truth: Image,
    people: list[User],
    client_of: Callable[[User], APIClient],
    submit: Any,
) -> None:
    given = pull(client_of(people[0]), project)
    assert given is not None
    assert api.delete(f"/api/v1/images/{truth.pk}/ground-truth/").status_code == 204
    assert api.delete(f"/api/v1/images/{truth.pk}/ground-truth/").status_code == 204
    assert WorkItem.objects.get(pk=truth.pk).hold == ""
    # Who had it keeps their own, of which nothing is known any more.
    submit(people[0], given)
    assert not GroundTruthScore.objects.exists()
    assert client_of(people[0]).get(f"/api/v1/images/{truth.pk}/").status_code == 404
    assert client_of(people[1]).get(f"/api/v1/images/{truth.pk}/").status_code == 200


def test_nothing_of_the_truth_changes_what_the_project_counts(
    api: APIClient, always: None, project: Project, people: list[User], client_of: Any, draw: Any, submit: Any
) -> None:
    before = api.get(f"/api/v1/projects/{project.pk}/").json()
    given = pull(client_of(people[0]), project)
    draw(people[0], given, box(0, 0, 5, 5))
    submit(people[0], given)
    assert api.get(f"/api/v1/projects/{project.pk}/").json() == before
    counts = api.get(f"/api/v1/projects/{project.pk}/work/").json()["counts"]
    assert (sum(counts.values()), counts["accepted"], counts.get("submitted", 0)) == (4, 1, 0)
