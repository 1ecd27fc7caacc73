"""Values of a label's attributes on masks: defaults, checks, and what happens when definitions change under them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.projects.models import Label, Project
from backend.projects.services import label_create
from tests.builders import make_mask_body

COLOUR = {"name": "colour", "kind": "select", "choices": ["red", "blue"], "default": "red"}
LEGS = {"name": "legs", "kind": "number", "default": None}
WILD = {"name": "wild", "kind": "checkbox", "default": False}
NOTE = {"name": "note", "kind": "text", "default": ""}


@pytest.fixture
def cat(project: Project) -> Label:
    return label_create(project=project, name="cat", attributes=[COLOUR, LEGS, WILD, NOTE])


def keys_of(label: Label) -> dict[str, str]:
    """The attributes' ids, as masks carry them, by name."""
    return {attribute.name: str(attribute.pk) for attribute in label.attributes.all()}


def post(api: APIClient, image: Image, label: Label, **attributes: Any) -> Any:
    keys = keys_of(label)
    sent = {keys.get(name, name): value for name, value in attributes.items()}
    return api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label.pk, attributes=sent))


def said(body: dict[str, Any], label: Label) -> dict[str, Any]:
    return {name: body["attributes"].get(key) for name, key in keys_of(label).items()}


def test_what_is_not_said_takes_the_default(api: APIClient, image: Image, cat: Label) -> None:
    answer = post(api, image, cat, legs=3.5)
    assert answer.status_code == 201
    assert said(answer.json(), cat) == {"colour": "red", "legs": 3.5, "wild": False, "note": ""}


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"colour": "green"}, "mask.attribute_value"),
        ({"colour": True}, "mask.attribute_value"),
        ({"legs": "four"}, "mask.attribute_value"),
        ({"legs": True}, "mask.attribute_value"),
        ({"legs": 10**400}, "mask.attribute_value"),
        ({"wild": 1}, "mask.attribute_value"),
        ({"note": 5}, "mask.attribute_value"),
        ({"999999": "x"}, "mask.attribute_unknown"),
        ({"tail": "long"}, "mask.attribute_unknown"),
        ({"note": "x" * 1001}, "input.invalid"),
        ({"note": "\x00"}, "input.invalid"),
        ({"note": ["x"]}, "input.invalid"),
    ],
)
def test_what_does_not_fit_is_refused(
    api: APIClient, image: Image, cat: Label, attributes: dict[str, Any], code: str
) -> None:
    answer = post(api, image, cat, **attributes)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Mask.objects.exists()


def test_a_change_keeps_what_it_does_not_name(api: APIClient, image: Image, cat: Label) -> None:
    made = post(api, image, cat, colour="blue", note="old").json()
    url, keys = f"/api/v1/masks/{made['id']}/", keys_of(cat)
    body = api.patch(url, {"revision": 1, "attributes": {keys["note"]: "new"}}).json()
    assert said(body, cat) == {"colour": "blue", "legs": None, "wild": False, "note": "new"}
    answer = api.patch(url, {"revision": 2, "attributes": {keys["legs"]: "four"}})
    assert (answer.status_code, answer.json()["code"]) == (400, "mask.attribute_value")


def test_another_label_brings_its_own_attributes(
    api: APIClient, image: Image, cat: Label, project: Project
) -> None:
    dog = label_create(project=project, name="dog", attributes=[{**WILD, "default": True}])
    made = post(api, image, cat, colour="blue").json()
    body = api.patch(f"/api/v1/masks/{made['id']}/", {"revision": 1, "label": dog.pk}).json()
    assert body["attributes"] == {keys_of(dog)["wild"]: True}
    none = api.patch(f"/api/v1/masks/{made['id']}/", {"revision": 2, "label": None}).json()
    assert none["attributes"] == {}


def test_a_change_of_another_revision_is_stale_before_it_is_judged(
    api: APIClient, image: Image, cat: Label
) -> None:
    """What it says fits the label the mask had when the change was made."""
    made = post(api, image, cat).json()
    url = f"/api/v1/masks/{made['id']}/"
    current = api.patch(url, {"revision": 1, "label": None}).json()
    answer = api.patch(url, {"revision": 1, "attributes": {keys_of(cat)["note"]: "new"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "mask.stale_revision")
    assert answer.json()["extra"]["current"] == current


def test_a_definition_that_changed_meanwhile_does_not_block_saving(
    api: APIClient, image: Image, cat: Label
) -> None:
    made = post(api, image, cat, colour="blue", note="kept").json()
    keys = keys_of(cat)
    colour, legs, wild = ({**entry, "id": int(keys[str(entry["name"])])} for entry in (COLOUR, LEGS, WILD))
    narrowed = [{**colour, "choices": ["red"]}, legs, wild]  # blue is gone, and so is the note
    assert api.patch(f"/api/v1/labels/{cat.pk}/", {"attributes": narrowed}).status_code == 200
    url = f"/api/v1/masks/{made['id']}/"
    # The browser still sends everything it knows of the mask.
    body = api.patch(url, {"revision": 1, "z": 1, "attributes": made["attributes"]})
    assert body.status_code == 200
    assert said(body.json(), cat) == {"colour": "blue", "legs": None, "wild": False}
    answer = api.patch(url, {"revision": 2, "attributes": {keys["note"]: "again"}})
    assert answer.json()["code"] == "mask.attribute_unknown"
