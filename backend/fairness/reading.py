"""A report's rows with what is known of their masks now, in a fixed number of queries and of at most `max_masks` rows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.annotations.models import Mask
from backend.fairness.models import DrawnImage, FairnessReport, MeasuredMask
from backend.tags.models import ImageTag


@dataclass(frozen=True)
class MeasuredRow:
    """One mask: what it was measured, and what it is called now."""

    mask_id: uuid.UUID
    image_id: int
    file_name: str
    # Measured of this one; the mask may have another now.
    revision: int
    iou_1: float
    iou_3: float
    label_id: int | None
    attributes: Mapping[str, Any]
    is_changed: bool


@dataclass(frozen=True)
class Measured:
    """Masks that are still there, the tags of their images, and how many are gone since."""

    rows: list[MeasuredRow]
    # By image: ids of its tags.
    tags: Mapping[int, frozenset[int]]
    gone: int

    @property
    def changed(self) -> int:
        """Masks of which somebody has changed anything since."""
        return sum(row.is_changed for row in self.rows)


def measured_of(*, report: FairnessReport) -> Measured:
    """All that the report has measured so far."""
    rows = MeasuredMask.objects.filter(drawn_image__report=report).order_by("pk")
    named = Mask.objects.filter(pk__in=rows.order_by().values("mask_id")).order_by()
    now = {
        pk: (label, attributes, revision)
        for pk, label, attributes, revision in named.values_list("pk", "label", "attributes", "revision")
    }
    found, gone = [], 0
    for mask_id, revision, iou_1, iou_3, image_id, file_name in rows.values_list(
        "mask_id", "revision", "iou_1", "iou_3", "drawn_image__image", "drawn_image__image__file_name"
    ):
        if mask_id not in now:
            gone += 1
            continue
        label_id, attributes, present = now[mask_id]
        found.append(
            MeasuredRow(
                mask_id,
                image_id,
                file_name,
                revision,
                iou_1,
                iou_3,
                label_id,
                attributes,
                is_changed=present != revision,
            )
        )
    return Measured(found, _tags(report), gone)


def _tags(report: FairnessReport) -> dict[int, frozenset[int]]:
    images = DrawnImage.objects.filter(report=report).order_by().values("image")
    found: dict[int, set[int]] = {}
    for image_id, tag_id in ImageTag.objects.filter(image__in=images).values_list("image", "tag"):
        found.setdefault(image_id, set()).add(tag_id)
    return {image_id: frozenset(tags) for image_id, tags in found.items()}
