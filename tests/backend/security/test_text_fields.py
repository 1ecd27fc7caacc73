"""No text field of the API is forgotten by the test that shows hostile texts in a browser."""

from collections.abc import Iterator
from typing import Any

from tests.backend.api.test_isolation import SCHEMA
from tests.e2e.hostile_text import ALIKE, FILLED, OF_A_FORM

_SCHEMAS: dict[str, Any] = SCHEMA["components"]["schemas"]


def text_fields(schema: dict[str, Any], name: str = "", seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Names of what takes free text: strings that are no dates, ids, files or one of a list."""
    reference = schema.get("$ref", "").rpartition("/")[2]
    if reference and reference not in seen:
        yield from text_fields(_SCHEMAS[reference], name, seen | {reference})
    for part in (one for kind in ("allOf", "oneOf", "anyOf") for one in schema.get(kind, ())):
        yield from text_fields(part, name, seen)
    for inner, value in schema.get("properties", {}).items():
        if not value.get("readOnly"):
            yield from text_fields(value, inner, seen)
    if schema.get("type") == "array":
        yield from text_fields(schema.get("items", {}), name, seen)
    is_free = "enum" not in schema and schema.get("format") not in ("uuid", "binary", "date", "date-time")
    if schema.get("type") == "string" and is_free:
        yield name


def test_every_text_field_is_filled_with_hostile_texts_or_is_of_a_form() -> None:
    left = []
    fields = 0
    known = FILLED | ALIKE
    for path, operations in SCHEMA["paths"].items():
        for method, operation in operations.items():
            key = (method.upper(), path.removeprefix("/api/v1/"))
            for content in operation.get("requestBody", {}).get("content", {}).values():
                names = set(text_fields(content["schema"]))
                fields += len(names)
                left += [(*key, name) for name in sorted(names - OF_A_FORM - known.get(key, set()))]
    print(f"\n{fields} text fields, {sum(map(len, FILLED.values()))} of them filled with hostile texts")
    assert left == []


def test_every_operation_that_is_named_takes_what_is_said_of_it() -> None:
    for (method, endpoint), names in (FILLED | ALIKE).items():
        operation = SCHEMA["paths"][f"/api/v1/{endpoint}"][method.lower()]
        known = {
            name
            for one in operation["requestBody"]["content"].values()
            for name in text_fields(one["schema"])
        }
        assert names <= known, (method, endpoint, names - known)
