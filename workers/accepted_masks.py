"""Images with their masks as they are now, for shards that models learn from or are measured by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from backend.annotations.models import Mask
from backend.common.storage import file_read
from backend.images.models import Image
from backend.jobs.context import JobContext

if TYPE_CHECKING:
    from models.sam.training.data_sources import AnnotatedImage

_AT_ONCE: Final = 50


class StoredMask(NamedTuple):
    """A mask's id, its compressed counts, and its label's name, empty for one without."""

    id: UUID
    counts: str
    label: str


def images_with_masks(
    context: JobContext, image_ids: Sequence[int]
) -> Iterator[tuple[Image, list[StoredMask]]]:
    """Those of the images that are still there and have masks, with all of them, the oldest first; a few images are read
    at a time. Raises JobStopped."""
    for start in range(0, len(image_ids), _AT_ONCE):
        chunk = Image.objects.filter(pk__in=image_ids[start : start + _AT_ONCE]).order_by("pk")
        masks = _masks_of(chunk)
        for image in chunk:
            context.check()
            if image.pk in masks:
                yield image, masks[image.pk]


def annotated(image: Image, masks: Sequence[StoredMask], split: str) -> AnnotatedImage:
    """The image as people are shown it. Raises NotFound `file.missing`, OSError."""
    from models.sam.training.data_sources import UNNAMED, AnnotatedImage

    return AnnotatedImage(
        dataset=str(image.project_id),
        file_name=f"{image.pk}{Path(image.display_key).suffix}",
        height=image.height,
        width=image.width,
        split=split,
        data=file_read(image.display_key),
        segmentations=[{"size": [image.height, image.width], "counts": mask.counts} for mask in masks],
        categories=[mask.label or UNNAMED for mask in masks],
    )


def _masks_of(images: QuerySet[Image]) -> Mapping[int, list[StoredMask]]:
    found: dict[int, list[StoredMask]] = {}
    rows = Mask.objects.filter(image__in=images).order_by("created_at", "pk")
    for image_id, mask_id, counts, label in rows.values_list("image_id", "pk", "counts", "label__name"):
        found.setdefault(image_id, []).append(StoredMask(mask_id, counts, label or ""))
    return found
