"""The API may be added to; what clients rely on stays."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.api_baseline import ADVICE, BASELINE, baseline_read, baseline_text, schema_read
from tests.contract.api_breaks import breaks
from tests.contract.api_promises import promises_of

PROJECTS = "/api/v1/projects/"
PROJECT = "/api/v1/projects/{project_id}/"
IMAGES = "/api/v1/projects/{project_id}/images/"
MASK = "/api/v1/masks/{mask_id}/"
Schema = dict[str, Any]


@pytest.fixture(scope="module")
def released() -> Schema:
    return schema_read()


def test_no_promise_is_broken(released: Schema) -> None:
    broken = breaks(baseline_read(), promises_of(released))
    assert not broken, "\n".join([*broken, ADVICE])


def test_whatever_is_there_is_promised(released: Schema) -> None:
    expected = baseline_text(promises_of(released))
    assert BASELINE.read_text() == expected, "run `make schema` and commit the result"


def parts(schema: Schema, name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["components"]["schemas"][name]
    return found


def parameter(schema: Schema, path: str, name: str, method: str = "get") -> dict[str, Any]:
    parameters: list[dict[str, Any]] = schema["paths"][path][method]["parameters"]
    return next(one for one in parameters if one["name"] == name)


def change_type(schema: Schema, name: str, field: str, **words: Any) -> None:
    parts(schema, name)["properties"][field] = words


BREAKS: dict[str, tuple[Callable[[Schema], Any], str]] = {
    "an operation": (lambda s: s["paths"][PROJECT].pop("delete"), f"DELETE {PROJECT} is gone."),
    "an address": (lambda s: s["paths"].pop(PROJECTS), f"POST {PROJECTS} is gone."),
    "an operation's name": (
        lambda s: s["paths"][PROJECT]["delete"].update(operationId="projects_remove"),
        f"DELETE {PROJECT} is named projects_remove, it was projects_destroy",
    ),
    "a parameter": (
        lambda s: s["paths"][IMAGES]["get"]["parameters"].remove(parameter(s, IMAGES, "annotated")),
        f"GET {IMAGES}: `query annotated` is gone.",
    ),
    "a parameter that is required": (
        lambda s: parameter(s, IMAGES, "annotated").update(required=True),
        f"GET {IMAGES}: `query annotated` is required, it was not.",
    ),
    "a new parameter that is required": (
        lambda s: s["paths"][IMAGES]["get"]["parameters"].append(
            {"in": "query", "name": "colour", "required": True, "schema": {"type": "string"}}
        ),
        f"GET {IMAGES}: `query colour` is required, it was not.",
    ),
    "a parameter's type": (
        lambda s: parameter(s, IMAGES, "annotated").update(schema={"type": "integer"}),
        f"GET {IMAGES}: `query annotated` takes integer, it was boolean.",
    ),
    "a value of a parameter": (
        lambda s: parameter(s, IMAGES, "state")["schema"]["enum"].remove("queued"),
        f"GET {IMAGES}: `query state` no longer has 'queued'.",
    ),
    "a body that is another": (
        lambda s: s["paths"][PROJECTS]["post"]["requestBody"]["content"].update(
            {"application/json": {"schema": {"$ref": "#/components/schemas/LabelWriteRequest"}}}
        ),
        f"POST {PROJECTS}: `body application/json` takes LabelWriteRequest, it was ProjectWriteRequest.",
    ),
    "a field that is taken": (
        lambda s: parts(s, "ProjectWriteRequest")["properties"].pop("description"),
        "ProjectWriteRequest: `description` is gone.",
    ),
    "a field that is required": (
        lambda s: parts(s, "ProjectWriteRequest")["required"].append("description"),
        "ProjectWriteRequest: `description` is required, it was not.",
    ),
    "null that is taken": (
        lambda s: parts(s, "MaskCreateRequest")["properties"]["label"].pop("nullable"),
        "MaskCreateRequest: `label` takes integer",
    ),
    "a value that is taken": (
        lambda s: parts(s, "TokenScope")["enum"].remove("write"),
        "ApiTokenWriteRequest: `scope` no longer has 'write'.",
    ),
    "length that is taken": (
        lambda s: parts(s, "ProjectWriteRequest")["properties"]["name"].update(maxLength=10),
        "ProjectWriteRequest: `name` takes string (minLength 1, maxLength 10), it was string (minLength 1, maxLength",
    ),
    "numbers that are taken": (
        lambda s: parts(s, "RoundWriteRequest")["properties"]["annotators_per_image"].update(minimum=99),
        "RoundWriteRequest: `annotators_per_image` takes integer (minimum 99",
    ),
    "any text that is taken": (
        lambda s: parts(s, "ProjectWriteRequest")["properties"]["description"].update(pattern="^[a-z]*$"),
        "ProjectWriteRequest: `description` takes string (maxLength 10000, pattern ^[a-z]*$), it was string (max",
    ),
    "a status": (
        lambda s: s["paths"][PROJECTS]["post"]["responses"].update(
            {"200": s["paths"][PROJECTS]["post"]["responses"].pop("201")}
        ),
        f"POST {PROJECTS} no longer answers 201 application/json.",
    ),
    "a kind of answer": (
        lambda s: s["paths"]["/api/v1/dashboard/storage/"]["get"]["responses"]["200"]["content"].pop(
            "text/csv"
        ),
        "GET /api/v1/dashboard/storage/ no longer answers 200 text/csv.",
    ),
    "a list in an answer": (
        lambda s: s["paths"]["/api/v1/auth/tokens/"]["get"]["responses"]["200"]["content"].update(
            {"application/json": {"schema": {"$ref": "#/components/schemas/ApiToken"}}}
        ),
        "GET /api/v1/auth/tokens/ 200 application/json is ApiToken, it was list of ApiToken.",
    ),
    "a field that is answered": (
        lambda s: parts(s, "Mask")["properties"].pop("area"),
        "Mask: `area` is gone.",
    ),
    "a field that is always answered": (
        lambda s: parts(s, "Mask")["required"].remove("area"),
        "Mask: `area` may be left out, it was always there.",
    ),
    "a field that is never null": (
        lambda s: parts(s, "Mask")["properties"]["area"].update(nullable=True),
        "Mask: `area` is integer or null, it was integer.",
    ),
    "a field's type": (
        lambda s: change_type(s, "Mask", "area", type="number"),
        "Mask: `area` is number, it was integer.",
    ),
    "a field's format": (
        lambda s: change_type(s, "Mask", "created_at", type="string"),
        "Mask: `created_at` is string, it was string (format date-time).",
    ),
    "a value that is answered": (
        lambda s: parts(s, "JobState")["enum"].remove("succeeded"),
        "Job: `state` no longer has 'succeeded'.",
    ),
    "an enumeration that ends": (
        lambda s: parts(s, "JobState").pop("enum"),
        "Job: `state` is string, it was cancelled | failed",
    ),
    "what a refusal says": (
        lambda s: parts(s, "Error")["properties"].pop("code"),
        "Error: `code` is gone.",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), BREAKS.values(), ids=BREAKS)
def test_what_is_taken_away_is_told(released: Schema, change: Callable[[Schema], Any], sentence: str) -> None:
    changed = copy.deepcopy(released)
    change(changed)
    told = breaks(promises_of(released), promises_of(changed))
    assert any(one.startswith(sentence) for one in told), told


ADDITIONS: dict[str, Callable[[Schema], Any]] = {
    "an operation": lambda s: s["paths"].update({"/api/v1/new/": copy.deepcopy(s["paths"][PROJECTS])}),
    "a parameter": lambda s: s["paths"][IMAGES]["get"]["parameters"].append(
        {"in": "query", "name": "colour", "schema": {"type": "string"}}
    ),
    "a parameter that is no longer required": lambda s: parameter(s, MASK, "revision", "delete").pop(
        "required"
    ),
    "a field that may be sent": lambda s: change_type(s, "ProjectWriteRequest", "colour", type="string"),
    "a field that need no longer be sent": lambda s: parts(s, "ProjectWriteRequest")["required"].remove(
        "name"
    ),
    "null beside what is taken": lambda s: parts(s, "ProjectWriteRequest")["properties"][
        "description"
    ].update(nullable=True),
    "a value that is taken": lambda s: parts(s, "TokenScope")["enum"].append("admin"),
    "length that is taken": lambda s: parts(s, "ProjectWriteRequest")["properties"]["name"].update(
        maxLength=5000
    ),
    "numbers beside integers that are taken": lambda s: change_type(
        s, "RoundWriteRequest", "seed", type="number", nullable=True
    ),
    "a field that is answered": lambda s: change_type(s, "Mask", "colour", type="string"),
    "a value that is answered": lambda s: parts(s, "JobState")["enum"].append("paused"),
    "a field that is always answered": lambda s: parts(s, "Mask").update(
        required=list(parts(s, "Mask")["properties"])
    ),
    "a status of refusals": lambda s: s["paths"][PROJECTS]["get"]["responses"].update(
        {"418": {"description": "No."}}
    ),
    "words": lambda s: s["paths"][PROJECTS]["get"].update(description="Otherwise said."),
}


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS)
def test_what_is_added_breaks_nothing(released: Schema, change: Callable[[Schema], Any]) -> None:
    changed = copy.deepcopy(released)
    change(changed)
    assert changed != released
    assert breaks(promises_of(released), promises_of(changed)) == []
