"""What a mask says of its label's attributes: a value for each, under the attribute's id as a string."""

from typing import Any

from backend.common.errors import InvalidInput
from backend.projects.attributes import value_complaint
from backend.projects.models import Label


def attribute_values(
    *, label: Label | None, wanted: dict[str, Any], stored: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A value for every attribute of `label`: the wanted one, else the stored one, else the default.

    What is wanted as it is stored is not judged again: definitions change while people work, and a value that fits no
    more must not stand in the way of saving an outline. Raises InvalidInput `mask.attribute_unknown` and
    `mask.attribute_value`.
    """
    stored = stored or {}
    news = {key: value for key, value in wanted.items() if key not in stored or _differ(stored[key], value)}
    definitions = {str(attribute.pk): attribute for attribute in label.attributes.all()} if label else {}
    unknown = sorted(set(news) - set(definitions))
    if unknown:
        raise InvalidInput(
            "The label has no such attribute.", "mask.attribute_unknown", {"attributes": unknown}
        )
    for key, value in news.items():
        definition = definitions[key]
        complaint = value_complaint(definition.kind, definition.choices, value)
        if complaint:
            raise InvalidInput(
                f"{definition.name!r} cannot be {value!r}: {complaint}.",
                "mask.attribute_value",
                {"attribute": definition.pk},
            )
    known = {**stored, **wanted}
    return {key: known.get(key, definition.default) for key, definition in definitions.items()}


def _differ(a: Any, b: Any) -> bool:
    """As JSON sees it: true is not 1."""
    return a != b or isinstance(a, bool) != isinstance(b, bool)
