"""ETag, If-None-Match and If-Match at every address of one thing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from backend.common.conditional import Conditional
from backend.projects.models import Label, Project
from backend.users.models import User
from backend.users.tokens import token_create_for_script
from tests.backend.api.test_permissions import routes
from tests.backend.api.world import World
from tests.builders import make_mask_body

CONDITIONAL = [(endpoint, view) for endpoint, view in routes(get_resolver()) if issubclass(view, Conditional)]
# Of which more is told than can be changed.
BODIES: dict[str, dict[str, Any]] = {
    "projects/{project_id}/": {"description": "new"},
    "labels/{label_id}/": {"supercategory": "new"},
    "masks/{mask_id}/": {"z": 9},
    "webhooks/{webhook_id}/": {"description": "new"},
    "projects/{project_id}/privacy/": {"faces": True},
    "projects/{project_id}/quality/settings/": {"ground_truth_rate": 9},
}


@pytest.fixture
def ids(world: World) -> dict[str, Any]:
    return world.variables


def test_things_of_every_kind_have_a_tag() -> None:
    assert len(CONDITIONAL) >= 9
    assert {"images/{image_id}/", "jobs/{job_id}/", "threads/{thread_id}/", *BODIES} <= {
        endpoint for endpoint, _ in CONDITIONAL
    }
    assert set(BODIES) == {endpoint for endpoint, view in CONDITIONAL if hasattr(view, "patch")}


@pytest.mark.parametrize("endpoint", [endpoint for endpoint, _ in CONDITIONAL])
def test_a_known_state_is_not_sent_again(api: APIClient, ids: dict[str, Any], endpoint: str) -> None:
    url = f"/api/v1/{endpoint.format(**ids)}"
    first = api.get(url)
    tag = first["ETag"]
    assert (first.status_code, tag[0], tag[-1]) == (200, '"', '"')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = api.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert api.get(url, headers={"If-None-Match": '"other"'}).json() == first.json()


@pytest.mark.parametrize("endpoint", list(BODIES))
def test_only_the_state_that_is_named_is_changed(api: APIClient, ids: dict[str, Any], endpoint: str) -> None:
    url = f"/api/v1/{endpoint.format(**ids)}"
    old = api.get(url)["ETag"]
    changed = api.patch(url, BODIES[endpoint], headers={"If-Match": old})
    assert changed.status_code == 200, changed.json()
    new = api.get(url)
    assert changed["ETag"] == new["ETag"] != old
    stale = api.patch(url, BODIES[endpoint], headers={"If-Match": old})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition.failed")
    assert stale["ETag"] == stale.json()["extra"]["etag"] == new["ETag"]
    assert api.get(url).json() == new.json()
    assert api.patch(url, BODIES[endpoint], headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("endpoint", [endpoint for endpoint, view in CONDITIONAL if hasattr(view, "delete")])
def test_only_the_state_that_is_named_is_deleted(
    api: APIClient, ids: dict[str, Any], project: Project, endpoint: str
) -> None:
    spare = Label.objects.create(project=project, name="spare", color="#000000", category_id=90)
    url = f"/api/v1/{endpoint.format(**ids | {'label_id': spare.pk})}"
    tag = api.get(url)["ETag"]
    refused = api.delete(url, headers={"If-Match": '"other"'})
    assert (refused.status_code, refused["ETag"]) == (412, tag)
    assert api.delete(url, headers={"If-Match": tag}).status_code == 204
    assert api.get(url).status_code == 404


def test_a_masks_tag_is_its_revision_and_stands_in_for_it(api: APIClient, ids: dict[str, Any]) -> None:
    url = f"/api/v1/masks/{ids['mask_id']}/"
    assert api.get(url)["ETag"] == '"2"'
    assert api.patch(url, {"z": 1}).json()["code"] == "input.invalid"
    assert api.patch(url, {"z": 1}, headers={"If-Match": '"2"'}).json()["revision"] == 3
    # Both name one: both must be right.
    both = api.patch(url, {"z": 2, "revision": 2}, headers={"If-Match": '"3"'})
    assert (both.status_code, both.json()["code"]) == (409, "mask.stale_revision")
    assert api.delete(url, headers={"If-Match": '"2"'}).status_code == 412
    assert api.delete(url, headers={"If-Match": '"3"'}).status_code == 204


def test_whoever_is_overtaken_after_the_comparison_is_told_so(
    api: APIClient, ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement that writes decides: a rival between the two is no lost update."""
    url = f"/api/v1/masks/{ids['mask_id']}/"
    compare = Conditional._compare

    def overtaken(view: Any, request: Any, **variables: Any) -> None:
        compare(view, request, **variables)
        monkeypatch.setattr(Conditional, "_compare", compare)
        assert api.patch(url, {"z": 5, "revision": 2}).status_code == 200

    monkeypatch.setattr(Conditional, "_compare", overtaken)
    answer = api.patch(url, {"z": 1}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer["ETag"]) == (412, '"3"')
    assert api.get(url).json()["z"] == 5


def test_what_colleagues_do_meanwhile_does_not_stand_in_the_way(
    api: APIClient, world: World, ids: dict[str, Any]
) -> None:
    """A project's answer has counts; a mask more is another answer, but no other project to change."""
    url = f"/api/v1/projects/{ids['project_id']}/"
    tag = api.get(url)["ETag"]
    body = make_mask_body(world.image, ids["label_id"])
    assert api.post(f"/api/v1/images/{ids['image_id']}/masks/", body).status_code == 201
    assert api.get(url, headers={"If-None-Match": tag}).status_code == 200
    assert api.patch(url, {"description": "new"}, headers={"If-Match": tag}).status_code == 200


def test_a_guard_that_nothing_keeps_is_refused(api: APIClient, ids: dict[str, Any]) -> None:
    url = f"/api/v1/comments/{ids['thread_id']}/"
    answer = api.patch(url, {"text": "x"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (400, "precondition.unsupported")
    assert api.patch(url, {"text": "x"}).status_code == 200


def test_who_may_not_change_it_is_told_that_first(
    ids: dict[str, Any], stranger: APIClient, owner: User
) -> None:
    url = f"/api/v1/projects/{ids['project_id']}/"
    assert stranger.patch(url, {"description": "x"}, headers={"If-Match": '"x"'}).status_code == 404
    script = APIClient(headers={"Authorization": f"Token {token_create_for_script(user=owner)}"})
    tag = script.get(url)["ETag"]
    assert script.patch(url, {"description": "x"}, headers={"If-Match": tag}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_name_the_same_state_one_changes_it(
    client_of: Callable[[User], APIClient], owner: User, project: Project
) -> None:
    from threading import Barrier, Thread

    from django.db import connections

    url = f"/api/v1/projects/{project.pk}/"
    clients = [client_of(owner) for _ in range(4)]
    tag = clients[0].get(url)["ETag"]
    together = Barrier(len(clients))
    statuses: list[int] = []

    def change(number: int) -> None:
        together.wait()
        answer = clients[number].patch(url, {"description": str(number)}, headers={"If-Match": tag})
        statuses.append(answer.status_code)
        connections.close_all()

    threads = [Thread(target=change, args=[number]) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412, 412, 412]
