"""Many masks of one image at once."""

import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from backend.annotations.figures import mask_figures
from backend.annotations.models import Mask, MaskTombstone
from backend.annotations.services import sequence_raise
from backend.common.errors import Conflict
from backend.formats.rle import Region
from backend.images.models import Image
from backend.projects.models import Label
from backend.tallies.families import MASKS
from backend.tallies.models import Measure
from backend.tallies.services import changes_note, tally_add
from backend.users.models import User
from backend.work.gate import image_hold
from backend.work.models import WorkItem

logger = logging.getLogger("anymask.annotations")


@dataclass(frozen=True)
class MaskDraft:
    """A new mask whose values were judged: the region of the image's size, the label of its project, attributes by their
    ids as strings."""

    id: uuid.UUID
    region: Region
    label: Label | None
    prompts: dict[str, Any]
    stage: str
    attributes: dict[str, Any] = field(default_factory=dict)
    z: int = 0
    predicted_iou: float | None = None
    stability_score: float | None = None
    tool: str | None = None


@transaction.atomic
def masks_create(*, image: Image, author: User, drafts: Sequence[MaskDraft]) -> list[Mask]:
    """Saves new masks, in their order, as `mask_create` does one by one, but asks for the image only once.

    All or none. Raises Conflict `mask.id_taken` where an id is or was a mask's, and what `image_hold` raises.
    """
    if not drafts:
        return []
    held = image_hold(image=image, user=author)
    last = sequence_raise(image, by=len(drafts))
    ids = [draft.id for draft in drafts]
    taken = Mask.objects.filter(pk__in=ids).exists() or MaskTombstone.objects.filter(pk__in=ids).exists()
    if taken or len(set(ids)) < len(ids):
        raise Conflict("An id belongs to another mask.", "mask.id_taken")
    first = last - len(drafts) + 1
    masks = [_mask(image, author, draft, first + place) for place, draft in enumerate(drafts)]
    Mask.objects.bulk_create(masks, batch_size=500)
    labels = Counter(mask.label_id for mask in masks)
    for label_id, count in labels.items():
        tally_add(project_id=image.project_id, measure=Measure.MASKS, label_id=label_id, amount=count)
    if held.mask_count == 0:
        tally_add(project_id=image.project_id, measure=Measure.ANNOTATED_IMAGES, amount=1)
    changes_note(MASKS, come=map(mask_figures, masks))
    WorkItem.objects.filter(pk=image.pk).update(mask_count=F("mask_count") + len(masks))
    logger.info("masks_created image=%s count=%s", image.pk, len(masks))
    return masks


def _mask(image: Image, author: User, draft: MaskDraft, sequence: int) -> Mask:
    x, y, width, height = draft.region.bbox
    return Mask(
        id=draft.id,
        image=image,
        author=author,
        updated_by=author,
        label=draft.label,
        sequence=sequence,
        z=draft.z,
        attributes=draft.attributes,
        counts=draft.region.counts,
        bbox_x=x,
        bbox_y=y,
        bbox_width=width,
        bbox_height=height,
        area=draft.region.area,
        prompts=draft.prompts,
        predicted_iou=draft.predicted_iou,
        stability_score=draft.stability_score,
        stage=draft.stage,
        tool=draft.tool,
    )
