"""From what a format read to what a mask can be: labels by their names, values judged as if a client had sent them."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from backend.annotations.models import Mask
from backend.annotations.serializers import PromptsSerializer
from backend.common.errors import Conflict
from backend.formats.reading import Reading, ReadObject, plain
from backend.projects.attributes import value_complaint
from backend.projects.models import Label, Project
from backend.projects.services import label_create
from backend.users.models import User

# A label's id, a new label, or none of these masks.
Choice = int | Literal["create", "skip"]
NO_PROMPTS: Final[dict[str, Any]] = {"points": [], "box": None, "candidate": 0}
_NAME_LENGTH: Final = Label._meta.get_field("name").max_length or 0
_WORDS: Final = {"true": True, "false": False}


def name_of(label: str) -> str:
    """The data set's name of a label as a label of ours can have it."""
    return " ".join(plain(label).split())[:_NAME_LENGTH] or "unnamed"


@dataclass
class Labels:
    """What becomes of the data set's labels. A name nobody chose for is the label of that name here, whatever its case,
    or a new one."""

    project: Project
    actor: User
    choices: Mapping[str, Choice]
    _found: dict[str, Label | None] = field(default_factory=dict)

    def suggestion(self, name: str) -> Label | None:
        """The label that has this name here: just so, else in other case."""
        labels = list(self.project.labels.order_by("pk"))
        exact = next((label for label in labels if label.name == name_of(name)), None)
        same = (label for label in labels if label.name.casefold() == name_of(name).casefold())
        return exact or next(same, None)

    def is_skipped(self, name: str) -> bool:
        return self.choices.get(plain(name)) == "skip"

    def forget(self) -> None:
        """A transaction in which labels may have been made was rolled back."""
        self._found.clear()

    def get(self, reading: Reading, name: str) -> Label:
        """Makes it where it is to be made. Raises NotFound where the chosen one was deleted in the meantime."""
        label = self._found.get(name)
        if label is None:
            label = self._found[name] = self._get(reading, name)
        return label

    def _get(self, reading: Reading, name: str) -> Label:
        choice = self.choices.get(plain(name), "create")
        if isinstance(choice, int):
            return self._with_attributes(self.project.labels.filter(pk=choice), name)
        present = self.suggestion(name)
        if present is None:
            category = reading.categories.get(name)
            supercategory = plain(category.supercategory)[:_NAME_LENGTH] if category else ""
            # Somebody else may make it in the meantime.
            with suppress(Conflict):
                label_create(
                    project=self.project, name=name_of(name), supercategory=supercategory, actor=self.actor
                )
            present = self.suggestion(name)
            assert present is not None
        return self._with_attributes(self.project.labels.filter(pk=present.pk), name)

    def _with_attributes(self, labels: Any, name: str) -> Label:
        label: Label | None = labels.prefetch_related("attributes").first()
        if label is None:
            raise Conflict(f"The label chosen for {name!r} was deleted.", "import.label_gone")
        return label


def attributes_of(label: Label | None, read: ReadObject) -> tuple[dict[str, Any], list[str]]:
    """A value for each attribute of the label, the read one where it fits; and the names of those that were lost."""
    values: dict[str, Any] = {}
    left = dict(read.attributes)
    for attribute in label.attributes.all() if label else ():
        value = left.pop(attribute.name, attribute.default)
        if isinstance(value, str):
            value = plain(value)
        if isinstance(value, str) and value_complaint(attribute.kind, attribute.choices, value):
            value = _unwritten(value)
        if value_complaint(attribute.kind, attribute.choices, value):
            left[attribute.name] = value
            value = attribute.default
        values[str(attribute.pk)] = value
    return values, [name for name, value in left.items() if value is not None]


def _unwritten(text: str) -> Any:
    """The value that some formats write as text."""
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        return json.loads(word)
    except (ValueError, RecursionError):
        return text


def fields_of(read: ReadObject) -> dict[str, Any]:
    """Prompts, stage, depth and quality, each as the file has it where that can be, else as if it had none."""
    prompts = PromptsSerializer(data=read.prompts) if isinstance(read.prompts, dict) else None
    is_stage = read.stage in Mask.Stage.values
    is_depth = isinstance(read.z, int) and not isinstance(read.z, bool) and -(2**15) <= read.z < 2**15
    return {
        "prompts": dict(prompts.validated_data) if prompts and prompts.is_valid() else dict(NO_PROMPTS),
        "stage": read.stage if is_stage else Mask.Stage.ASSISTED_MANUAL.value,
        "z": read.z if is_depth else 0,
        "predicted_iou": _number(read.predicted_iou, -10, 10),
        "stability_score": _number(read.stability_score, 0, 1),
    }


def _number(value: Any, lowest: float, highest: float) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if math.isfinite(value) and lowest <= value <= highest else None
