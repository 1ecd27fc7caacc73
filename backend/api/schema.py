"""What drf-spectacular cannot see by itself: that every operation may answer with our error object."""

from typing import Any

ERROR_SCHEMA = {
    "type": "object",
    "description": "Why a request was refused. `code` is stable, `message` is for people.",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "extra": {"type": "object", "additionalProperties": {}},
    },
    "required": ["code", "message", "extra"],
}


def add_error_responses(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Adds the `Error` component, and as `default` response to every operation of the API."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = ERROR_SCHEMA
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", {"description": "Refused.", "content": content})
    return result
