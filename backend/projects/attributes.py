"""What may be said of masks beyond their label: the definitions of a label's attributes, and which values fit them."""

import uuid
from typing import Any

from django.db import transaction

from backend.common.errors import Conflict, InvalidInput
from backend.projects.audit import audit
from backend.projects.models import Label, LabelAttribute
from backend.users.models import User

MAX_ATTRIBUTES = 50
MAX_CHOICES = 200
MAX_TEXT = 1000
# Beyond it JavaScript no longer knows every whole number.
MAX_NUMBER = 1e15
# What exports say of every mask beside these attributes, in the same place.
RESERVED_NAMES = frozenset(
    {
        "uuid",
        "stage",
        "model",
        "predicted_iou",
        "stability_score",
        "prompts",
        "author",
        "seconds_spent",
        "revision",
        "z",
    }
)

Kind = LabelAttribute.Kind


def value_complaint(kind: str, choices: list[str], value: Any) -> str | None:
    """Why `value` does not fit an attribute of this kind; None when it does. Null, "not said", fits every kind."""
    if value is None:
        return None
    if kind == Kind.CHECKBOX:
        return None if isinstance(value, bool) else "true or false is required"
    if kind == Kind.NUMBER:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = is_number and -MAX_NUMBER <= value <= MAX_NUMBER
        return None if fits else f"a number between -{MAX_NUMBER:g} and {MAX_NUMBER:g} is required"
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return f"a text of at most {MAX_TEXT} characters is required"
    if kind == Kind.SELECT and value not in choices:
        return "it is none of the choices"
    return None


@transaction.atomic
def label_attributes_set(
    *, label: Label, wanted: list[dict[str, Any]], actor: User | None = None
) -> list[LabelAttribute]:
    """Makes `wanted` ({id?, name, kind, choices, default}, in order) the label's attributes; those not named go.

    Masks keep what was said of an attribute that went, unseen. Raises InvalidInput `label.attribute_unknown`,
    `label.attribute_invalid`, Conflict `label.attribute_name_taken`, `label.attribute_kind`.
    """
    names = [entry["name"] for entry in wanted]
    if len(set(names)) < len(names):
        raise Conflict("Two attributes of a label cannot have the same name.", "label.attribute_name_taken")
    for name in RESERVED_NAMES.intersection(names):
        raise InvalidInput(f"{name!r} is what exports call something else.", "label.attribute_invalid")
    known = {attribute.pk: attribute for attribute in label.attributes.all()}
    before = [_told(attribute) for attribute in known.values()]
    kept = {entry["id"] for entry in wanted if entry.get("id") is not None}
    if kept - set(known):
        raise InvalidInput("The label has no such attribute.", "label.attribute_unknown")
    label.attributes.exclude(pk__in=kept).delete()
    # Names may be exchanged among the kept ones: none may stand in another's way.
    for pk in kept:
        LabelAttribute.objects.filter(pk=pk).update(name=uuid.uuid4().hex)
    attributes = [
        _attribute_set(label, known.get(entry.get("id") or 0), position, entry)
        for position, entry in enumerate(wanted)
    ]
    after = [_told(attribute) for attribute in attributes]
    if after != before:
        audit(
            project=label.project,
            actor=actor,
            action="label.attributes_changed",
            subject=label.name,
            before=before,
            after=after,
        )
    return attributes


def _told(attribute: LabelAttribute) -> dict[str, Any]:
    """What the log of the project says of an attribute."""
    return {name: getattr(attribute, name) for name in ("name", "kind", "choices", "default")}


def _attribute_set(
    label: Label, attribute: LabelAttribute | None, position: int, entry: dict[str, Any]
) -> LabelAttribute:
    kind, choices, default = entry["kind"], entry.get("choices", []), entry.get("default")
    if attribute is not None and attribute.kind != kind:
        # The values masks have would fit no more.
        raise Conflict(
            f"{attribute.name!r} cannot change its kind; make a new attribute.", "label.attribute_kind"
        )
    if (kind == Kind.SELECT) != bool(choices) or len(set(choices)) < len(choices):
        raise InvalidInput(
            f"{entry['name']!r}: a select needs different choices, other kinds have none.",
            "label.attribute_invalid",
        )
    complaint = value_complaint(kind, choices, default)
    if complaint:
        raise InvalidInput(
            f"{entry['name']!r}: the default does not fit, {complaint}.", "label.attribute_invalid"
        )
    attribute = attribute or LabelAttribute(label=label)
    attribute.name, attribute.kind, attribute.choices = entry["name"], kind, choices
    attribute.default, attribute.position = default, position
    attribute.save()
    return attribute
