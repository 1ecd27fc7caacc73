import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.annotations.models import Mask, MaskRevision, MaskSequence, MaskTombstone
from backend.common.errors import NotFound
from backend.images.models import Image
from backend.images.visibility import images_listed
from backend.projects.models import Project
from backend.projects.standing import Standing
from backend.users.models import User
from backend.work.selectors import standing_of_image

TOMBSTONES_TOLD = 1000


def _masks() -> QuerySet[Mask]:
    return Mask.objects.select_related("image", "label", "model_version", "author", "updated_by").order_by(
        "created_at", "pk"
    )


def mask_list(*, image: Image) -> QuerySet[Mask]:
    """The image's masks in the order they were made."""
    return _masks().defer("model_counts").filter(image=image)


def mask_get(*, user: User, mask_id: uuid.UUID) -> Mask:
    """One mask. Raises NotFound `mask.not_found`, also for those who are not members of its project."""
    mask = _masks().filter(pk=mask_id, image__project__memberships__user=user).first()
    if mask is None:
        raise NotFound("There is no such mask.", "mask.not_found")
    return mask


def standing_of_mask(user: User, mask_id: uuid.UUID) -> Standing:
    """Whose work the image is that the mask is, or was, on. The caller has checked that there is one."""
    found = Mask.objects.filter(pk=mask_id).values_list("image", flat=True).first()
    if found is None:
        found = MaskTombstone.objects.filter(pk=mask_id).values_list("image", flat=True).first()
    if found is None:
        raise NotFound("There is no such mask.", "mask.not_found")
    return standing_of_image(user, found)


def mask_current(*, mask_id: uuid.UUID) -> Mask | None:
    """The mask as stored now, None when it was deleted. The caller has checked who asks."""
    return _masks().filter(pk=mask_id).first()


def tombstone_current(*, mask_id: uuid.UUID) -> MaskTombstone | None:
    """How the mask was deleted, None when it was not. The caller has checked who asks."""
    return MaskTombstone.objects.select_related("deleted_by").filter(pk=mask_id).first()


def masks_current(*, mask_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Mask]:
    """Those of the masks that are stored now, by their ids. The caller has checked who asks."""
    return {mask.pk: mask for mask in _masks().filter(pk__in=mask_ids)}


def tombstones_current(*, mask_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, MaskTombstone]:
    """How those of the masks were deleted that were, by their ids. The caller has checked who asks."""
    rows = MaskTombstone.objects.select_related("deleted_by").filter(pk__in=mask_ids)
    return {row.pk: row for row in rows}


def tombstone_get(*, user: User, mask_id: uuid.UUID) -> MaskTombstone | None:
    """How the mask was deleted; None when it was not, or for those who are not members of its project."""
    tombstones = MaskTombstone.objects.select_related("deleted_by")
    return tombstones.filter(pk=mask_id, image__project__memberships__user=user).first()


def revision_get(*, user: User, mask_id: uuid.UUID, revision: int) -> MaskRevision:
    """A state that a mask had. Raises NotFound `mask.no_such_revision`: also for its present one, for states of before
    they were kept, and for those who are not members of its project."""
    rows = MaskRevision.objects.select_related("image", "label", "model_version", "author", "made_by")
    found = rows.filter(mask_id=mask_id, revision=revision, image__project__memberships__user=user).first()
    if found is None:
        raise NotFound("No such earlier state of this mask is kept.", "mask.no_such_revision")
    return found


@dataclass(frozen=True)
class MaskChanges:
    """What happened to an image's masks since a cursor."""

    cursor: str
    # True when `masks` are all there are and everything else is gone, not only what changed; of the deleted ones the
    # latest are told, so that whoever deleted one may bring it back.
    is_complete: bool
    masks: list[Mask]
    deleted: list[MaskTombstone]


def mask_changes(*, image: Image, since: str) -> MaskChanges:
    """The changes after `since`, a cursor given before; everything when it is empty, unknown or from the future.

    A change committed while this reads may be in the answer and again in the next one, never in neither: the cursor
    is read first, and numbers are committed in order (MaskSequence). Masks are read before tombstones, so that a mask
    deleted meanwhile appears at least among the latter.
    """
    last = MaskSequence.objects.filter(image=image).values_list("last", flat=True).first() or 0
    known = int(since) if since.isascii() and since.isdecimal() and len(since) < 20 else -1
    if known == last:
        return MaskChanges(str(last), False, [], [])
    is_complete = not 0 <= known < last
    masks = mask_list(image=image)
    tombstones = MaskTombstone.objects.select_related("deleted_by").filter(image=image).order_by("sequence")
    if is_complete:
        return MaskChanges(str(last), True, list(masks), list(tombstones.reverse()[:TOMBSTONES_TOLD]))
    return MaskChanges(
        str(last), False, list(masks.filter(sequence__gt=known)), list(tombstones.filter(sequence__gt=known))
    )


def project_masks(*, project: Project, user: User) -> QuerySet[Mask]:
    """The masks of `images_listed`."""
    images = images_listed(project=project, user=user)
    return (
        _masks()
        .defer("model_counts")
        .filter(image__project=project, image__in=images.order_by().values("pk"))
    )
