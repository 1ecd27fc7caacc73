"""Many new masks of one image at once."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from backend.annotations.model_masks import fields_of_new
from backend.annotations.models import Mask, MaskTombstone
from backend.annotations.writing import Writing
from backend.common.errors import Conflict
from backend.embeddings.models import ModelVersion
from backend.formats.rle import Region
from backend.images.models import Image
from backend.projects.models import Label
from backend.users.models import User
from backend.work.gate import image_check, image_hold

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
    model_version: ModelVersion | None = None


@transaction.atomic
def masks_create(
    *,
    image: Image,
    author: User,
    drafts: Sequence[MaskDraft],
    revives: bool = False,
    begins: bool = True,
) -> list[Mask]:
    """Saves new masks, in their order, as `mask_create` does one by one, but asks for the image only once.

    `revives`: those that were deleted from this image come back. Without `begins` the image stays as far as it is, and
    whose it is: somebody decides about many images and works on none. All or none. Raises Conflict `mask.id_taken` where
    an id is or was a mask's, and what `image_hold` raises.
    """
    if not drafts:
        return []
    held = (image_hold if begins else image_check)(image=image, user=author)
    ids = [draft.id for draft in drafts]
    stones = {stone.pk: stone for stone in MaskTombstone.objects.filter(pk__in=ids)}
    is_gone_for_good = any(not revives or stone.image_id != image.pk for stone in stones.values())
    if is_gone_for_good or Mask.objects.filter(pk__in=ids).exists() or len(set(ids)) < len(ids):
        raise Conflict("An id belongs to another mask.", "mask.id_taken")
    writing = Writing(image, author, held)
    masks = [writing.create(_mask(image, author, draft), stones.get(draft.id)) for draft in drafts]
    writing.save()
    logger.info("masks_created image=%s count=%s", image.pk, len(masks))
    return masks


def _mask(image: Image, author: User, draft: MaskDraft) -> Mask:
    x, y, width, height = draft.region.bbox
    return Mask(
        id=draft.id,
        image=image,
        author=author,
        updated_by=author,
        label=draft.label,
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
        model_version=draft.model_version,
        **fields_of_new(
            has_model=draft.model_version is not None,
            tool=draft.tool,
            counts=draft.region.counts,
            given=None,
            height=image.height,
            width=image.width,
        ),
    )
