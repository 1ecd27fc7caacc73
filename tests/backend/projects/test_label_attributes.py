"""Defining what may be said of a label's masks."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User

COLOUR = {"name": "colour", "kind": "select", "choices": ["red", "blue"], "default": "red"}
WILD = {"name": "wild", "kind": "checkbox"}


def create(api: APIClient, project: Project, *attributes: dict[str, Any]) -> Any:
    return api.post(f"/api/v1/projects/{project.pk}/labels/", {"name": "cat", "attributes": list(attributes)})


def test_attributes_are_made_with_the_label_and_listed_in_order(api: APIClient, project: Project) -> None:
    body = create(api, project, COLOUR, WILD).json()
    without_ids = [{**entry, "id": None} for entry in body["attributes"]]
    assert without_ids == [
        {"id": None, **COLOUR},
        {"id": None, "name": "wild", "kind": "checkbox", "choices": [], "default": None},
    ]
    [_, listed] = api.get(f"/api/v1/projects/{project.pk}/labels/").json()
    assert listed == body


def test_a_change_renames_reorders_adds_and_removes(api: APIClient, project: Project) -> None:
    label = create(api, project, COLOUR, WILD).json()
    colour, wild = label["attributes"]
    # Names are exchanged: neither may stand in the other's way.
    wanted = [{**wild, "name": "colour"}, {**colour, "name": "wild"}, {"name": "note", "kind": "text"}]
    body = api.patch(f"/api/v1/labels/{label['id']}/", {"attributes": wanted}).json()
    assert [(entry["id"], entry["name"]) for entry in body["attributes"][:2]] == [
        (wild["id"], "colour"),
        (colour["id"], "wild"),
    ]
    left = api.patch(f"/api/v1/labels/{label['id']}/", {"attributes": body["attributes"][2:]}).json()
    assert [entry["name"] for entry in left["attributes"]] == ["note"]
    assert (
        api.patch(f"/api/v1/labels/{label['id']}/", {"name": "dog"}).json()["attributes"]
        == left["attributes"]
    )


@pytest.mark.parametrize(
    ("attributes", "status", "code"),
    [
        ([COLOUR, {**WILD, "name": "colour"}], 409, "label.attribute_name_taken"),
        ([{**COLOUR, "choices": []}], 400, "label.attribute_invalid"),
        ([{**COLOUR, "choices": ["red", "red"]}], 400, "label.attribute_invalid"),
        ([{**COLOUR, "default": "green"}], 400, "label.attribute_invalid"),
        ([{**WILD, "choices": ["a"]}], 400, "label.attribute_invalid"),
        ([{**WILD, "default": "yes"}], 400, "label.attribute_invalid"),
        ([{**WILD, "name": "uuid"}], 400, "label.attribute_invalid"),
        ([{**WILD, "id": 999_999}], 400, "label.attribute_unknown"),
        ([{**WILD, "kind": "colour"}], 400, "input.invalid"),
        ([{"kind": "text"}], 400, "input.invalid"),
        ([{**WILD, "name": str(number)} for number in range(51)], 400, "input.invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_and_makes_no_label(
    api: APIClient, project: Project, attributes: list[dict[str, Any]], status: int, code: str
) -> None:
    answer = create(api, project, *attributes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert project.labels.count() == 1


def test_an_attribute_keeps_its_kind(api: APIClient, project: Project) -> None:
    label = create(api, project, WILD).json()
    changed = [{**label["attributes"][0], "kind": "text"}]
    answer = api.patch(f"/api/v1/labels/{label['id']}/", {"attributes": changed, "name": "dog"})
    assert (answer.status_code, answer.json()["code"]) == (409, "label.attribute_kind")
    assert api.get(f"/api/v1/projects/{project.pk}/labels/").json()[1] == label


def test_what_is_said_of_masks_is_for_managers_to_decide(
    api: APIClient, project: Project, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> None:
    label = create(api, project, WILD).json()
    bob, mia = make_user("bob"), make_user("mia")
    membership_set(project=project, user=bob, role=Membership.Role.ANNOTATOR)
    membership_set(project=project, user=mia, role=Membership.Role.MANAGER)
    url = f"/api/v1/labels/{label['id']}/"
    more = [*label["attributes"], {"name": "note", "kind": "text"}]
    for wanted in (more, []):
        answer = client_of(bob).patch(url, {"attributes": wanted})
        assert (answer.status_code, answer.json()["code"]) == (403, "project.role_forbids")
        assert client_of(mia).patch(url, {"attributes": wanted}).status_code == 200
