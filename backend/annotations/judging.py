"""What somebody sends of a mask, judged: the values its row gets, or why it gets none. Nothing is stored here."""

import uuid
from collections.abc import Iterable
from typing import Any

from backend.annotations.attributes import attribute_values
from backend.annotations.model_masks import fields_of_new, fields_of_next
from backend.annotations.models import Mask
from backend.common.errors import InvalidInput
from backend.common.fields import LAST_KEY
from backend.embeddings.models import ModelVersion
from backend.formats.rle import region_parse
from backend.images.models import Image
from backend.projects.models import Label
from backend.users.models import User


class Named:
    """What masks of a project name: its labels with their attributes, and models. Each is looked up once."""

    def __init__(self, project_id: int) -> None:
        self._project_id = project_id
        self._labels: dict[int, Label | None] = {}
        self._models: dict[str, ModelVersion | None] = {}

    def labels_look_up(self, label_ids: Iterable[int]) -> None:
        """All of them in two queries, so that `label` asks for none of them again."""
        wanted = {pk for pk in label_ids if 0 < pk <= LAST_KEY}
        found = Label.objects.filter(pk__in=wanted, project_id=self._project_id)
        self._labels |= dict.fromkeys(wanted) | {
            label.pk: label for label in found.prefetch_related("attributes")
        }

    def label(self, label_id: int | None) -> Label | None:
        """Raises InvalidInput `mask.label` for one that is not the project's."""
        if label_id is None:
            return None
        if label_id not in self._labels:
            self.labels_look_up([label_id])
        label = self._labels.get(label_id)
        if label is None:
            raise InvalidInput("The label does not belong to the image's project.", "mask.label")
        return label

    def model(self, model: str | None) -> ModelVersion | None:
        """Raises InvalidInput `mask.model` for one that is not registered."""
        if model is None:
            return None
        if model not in self._models:
            name, _, version = model.partition("@")
            self._models[model] = ModelVersion.objects.filter(name=name, version=version).first()
        found = self._models[model]
        if found is None:
            raise InvalidInput("No such model is registered; it is named name@version.", "mask.model")
        return found


def mask_drafted(
    *,
    image: Image,
    author: User,
    named: Named,
    mask_id: uuid.UUID,
    label_id: int | None,
    segmentation: dict[str, Any],
    model: str | None = None,
    model_segmentation: dict[str, Any] | None = None,
    attributes: dict[str, Any] | None = None,
    **fields: Any,
) -> Mask:
    """A new mask, not saved. Raises InvalidInput `mask.size`, `mask.rle_invalid`, `mask.empty`, `mask.label`,
    `mask.attribute_unknown`, `mask.attribute_value`, `mask.model`."""
    label = named.label(label_id)
    mask = Mask(
        id=mask_id,
        image=image,
        author=author,
        updated_by=author,
        label=label,
        attributes=attribute_values(label=label, wanted=attributes or {}),
        model_version=named.model(model),
        **fields,
    )
    for name, value in _geometry(image, segmentation).items():
        setattr(mask, name, value)
    compared = fields_of_new(
        has_model=mask.model_version is not None,
        tool=mask.tool,
        counts=mask.counts,
        given=_counts(image, model_segmentation),
        height=image.height,
        width=image.width,
    )
    for name, value in compared.items():
        setattr(mask, name, value)
    return mask


def changes_judged(mask: Mask, *, named: Named, changes: dict[str, Any]) -> dict[str, Any]:
    """The values of the mask's next state that differ, of `changes` (label_id, attributes, segmentation, model,
    model_segmentation and plain fields). Raises what `mask_drafted` raises."""
    values = dict(changes)
    if "label_id" in values:
        values["label"] = named.label(values.pop("label_id"))
    if "label" in values or "attributes" in values:
        values["attributes"] = attribute_values(
            label=values["label"] if "label" in values else named.label(mask.label_id),
            wanted=values.get("attributes", {}),
            stored=mask.attributes,
        )
    if "model" in values:
        values["model_version"] = named.model(values.pop("model"))
    if "segmentation" in values:
        values |= _geometry(mask.image, values.pop("segmentation"))
    # What made the state before says nothing of this one.
    values.setdefault("tool", None)
    given = _counts(mask.image, values.pop("model_segmentation", None))
    return values | fields_of_next(mask, values, given=given)


def _counts(image: Image, segmentation: dict[str, Any] | None) -> str | None:
    return None if segmentation is None else str(_geometry(image, segmentation)["counts"])


def _geometry(image: Image, segmentation: dict[str, Any]) -> dict[str, Any]:
    if list(segmentation["size"]) != [image.height, image.width]:
        raise InvalidInput(
            f"The mask is of size {list(segmentation['size'])}, the image of [{image.height}, {image.width}].",
            "mask.size",
            {"size": [image.height, image.width]},
        )
    region = region_parse(segmentation["counts"], height=image.height, width=image.width)
    names = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")
    return {"counts": region.counts, "area": region.area, **dict(zip(names, region.bbox, strict=True))}
