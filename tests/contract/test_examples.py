"""The examples of the documentation are what the schema says, and what the server takes."""

from typing import Any

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from backend.annotations.serializers import MaskCreateSerializer
from backend.api.examples import EXAMPLES
from backend.formats.rle import region_parse

SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = {
    operation["operationId"]: operation for path in SCHEMA["paths"].values() for operation in path.values()
}
PLACES = [(name, place) for name, places in EXAMPLES.items() for place in places]


def closed(schema: Any) -> Any:
    """As JSON Schema has it: null where OpenAPI says nullable, references below `$defs`, no field that is not named."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        name: closed(value) for name, value in schema.items() if name not in ("nullable", "discriminator")
    }
    if "$ref" in found:
        found["$ref"] = found["$ref"].replace("#/components/schemas/", "#/$defs/")
    if isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") else found


DEFINITIONS = closed(SCHEMA["components"]["schemas"])


def complaints(schema: Any, value: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(closed(schema) | {"$defs": DEFINITIONS})
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_an_example_is_what_the_schema_says(name: str, place: str) -> None:
    operation = OPERATIONS[name]
    holder = operation["requestBody"] if place == "request" else operation["responses"][place]
    body = holder["content"]["application/json"]
    assert body["example"] == EXAMPLES[name][place]
    assert complaints(body["schema"], body["example"]) == []


def test_the_ten_most_used_operations_have_one() -> None:
    assert len(EXAMPLES) >= 10
    assert sum("request" in places and len(places) > 1 for places in EXAMPLES.values()) >= 5


def test_a_wrong_example_would_be_noticed() -> None:
    body = OPERATIONS["images_masks_create"]["responses"]["201"]["content"]["application/json"]
    for change in ({"area": "large"}, {"stage": "guessed"}, {"made_up": 1}):
        assert complaints(body["schema"], body["example"] | change)
    lacking = {name: value for name, value in body["example"].items() if name != "revision"}
    assert complaints(body["schema"], lacking)


def test_the_server_takes_what_is_shown() -> None:
    sent = EXAMPLES["images_masks_create"]
    assert MaskCreateSerializer(data=sent["request"]).is_valid()
    height, width = sent["request"]["segmentation"]["size"]
    region = region_parse(sent["request"]["segmentation"]["counts"], height=height, width=width)
    assert (list(region.bbox), region.area) == (sent["201"]["bbox"], sent["201"]["area"])
