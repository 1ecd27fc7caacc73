"""What clients rely on, drawn out of the API's schema: operations, what they take and what they answer.

Left out are words for people (descriptions, tags) and the statuses of refusals, which may become more at any time. A
*shape* is what may stand in one place, as a small mapping: `{type: string, maxLength: 100}`, `{is: Mask}` for an object
with a name, `{list: shape}`, `{map: shape}`, `{fields: {name: shape}}`, `{any: [shape]}`; `nullable: true` where null may
stand there too, `required: true` for a field that must or will be there. No entry at all: anything.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

Shape: TypeAlias = dict[str, Any]
LIMITS: Final = (
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "pattern",
    "format",
)
_METHODS: Final = ("get", "put", "post", "delete", "patch")


def promises_of(schema: dict[str, Any]) -> dict[str, Any]:
    """`operations` by "METHOD path", and the fields of the named objects that are `sent` and that are `answered`."""
    return _Reading(schema).promises()


class _Reading:
    def __init__(self, schema: dict[str, Any]) -> None:
        self.paths = schema["paths"]
        self.components = schema.get("components", {})
        self.objects: dict[str, dict[str, Any]] = {"sent": {}, "answered": {}}

    def promises(self) -> dict[str, Any]:
        operations = {
            f"{method.upper()} {path}": self.operation(operations[method])
            for path, operations in self.paths.items()
            for method in _METHODS
            if method in operations
        }
        return {"operations": operations, **self.objects}

    def operation(self, operation: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"id": operation["operationId"]}
        takes = {
            f"{one['in']} {one['name']}": self.shape(one["schema"], "sent")
            | ({"required": True} if one.get("required") else {})
            for one in operation.get("parameters", ())
        }
        body = operation.get("requestBody")
        for media_type, media in (body or {"content": {}})["content"].items():
            shape = self.shape(media.get("schema", {}), "sent")
            takes[f"body {media_type}"] = shape | ({"required": True} if body.get("required") else {})
        if takes:
            found["takes"] = takes
        found["answers"] = dict(self.answers(operation["responses"]))
        return found

    def answers(self, responses: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for status, response in responses.items():
            if "$ref" in response:
                response = self.component(response["$ref"])
            contents = response.get("content", {})
            if status >= "400":
                # That it may be refused so is no promise; how a refusal looks is one.
                for media in contents.values():
                    self.shape(media.get("schema", {}), "answered")
                continue
            if not contents:
                yield status, {}
            for media_type, media in contents.items():
                yield f"{status} {media_type}", self.shape(media.get("schema", {}), "answered")

    def component(self, ref: str) -> dict[str, Any]:
        _, _, kind, name = ref.split("/")
        found: dict[str, Any] = self.components[kind][name]
        return found

    def shape(self, schema: dict[str, Any], direction: str) -> Shape:
        """The schema's shape; objects with a name are noted on the way."""
        shape = self.bare_shape(schema, direction)
        return shape | {"nullable": True} if schema.get("nullable") and shape else shape

    def bare_shape(self, schema: dict[str, Any], direction: str) -> Shape:
        if "$ref" in schema:
            return self.named_shape(schema["$ref"], direction)
        if len(schema.get("allOf", ())) == 1:
            # How OpenAPI 3.0 says something beside a reference.
            return self.shape(schema["allOf"][0], direction)
        if "allOf" in schema:
            return {"all": [self.shape(one, direction) for one in schema["allOf"]]}
        options = schema.get("oneOf") or schema.get("anyOf")
        if options:
            return _any_of([self.shape(one, direction) for one in options])
        if schema.get("type") == "array":
            return {"list": self.shape(schema["items"], direction)} | _limits(schema)
        if schema.get("type") == "object" or "properties" in schema:
            return self.object_shape(schema, direction)
        found = {"type": schema["type"]} if "type" in schema else {}
        if "enum" in schema:
            found["enum"] = sorted((one for one in schema["enum"] if one is not None), key=str)
            if None in schema["enum"]:
                found["nullable"] = True
        return found | _limits(schema)

    def named_shape(self, ref: str, direction: str) -> Shape:
        schema = self.component(ref)
        if "properties" not in schema:
            # Names of enumerations are the generator's, which counts where two are alike.
            return self.shape(schema, direction)
        name = ref.rpartition("/")[2]
        if name not in self.objects[direction]:
            self.objects[direction][name] = {}
            self.objects[direction][name] = self.fields(schema, direction)
        return {"is": name}

    def object_shape(self, schema: dict[str, Any], direction: str) -> Shape:
        if "properties" in schema:
            return {"fields": self.fields(schema, direction)}
        values = schema.get("additionalProperties", {})
        return {"map": self.shape(values, direction) if isinstance(values, dict) else {}}

    def fields(self, schema: dict[str, Any], direction: str) -> dict[str, Shape]:
        required = set(schema.get("required", ()))
        return {
            name: self.shape(one, direction) | ({"required": True} if name in required else {})
            for name, one in schema["properties"].items()
        }


def _limits(schema: dict[str, Any]) -> Shape:
    return {name: schema[name] for name in LIMITS if name in schema}


def _any_of(shapes: list[Shape]) -> Shape:
    """Enumerations beside each other (values, blank, null) are one."""
    if all("enum" in shape for shape in shapes):
        values = sorted({one for shape in shapes for one in shape["enum"]}, key=str)
        null = {"nullable": True} if any(shape.get("nullable") for shape in shapes) else {}
        types = {shape.get("type") for shape in shapes} - {None}
        return {"type": types.pop() if len(types) == 1 else "string", "enum": values} | null
    return {"any": shapes}
