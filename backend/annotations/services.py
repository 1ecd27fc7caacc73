import logging
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from backend.annotations.events import masks_deleted, masks_saved
from backend.annotations.figures import mask_figures
from backend.annotations.image_figures import Made, image_figures, masks_made
from backend.annotations.judging import Named, changes_judged, mask_drafted
from backend.annotations.models import Mask, MaskSequence, MaskTombstone
from backend.annotations.revisions import deleted_keep, replaced_keep, revived_tell, state_of
from backend.annotations.selectors import mask_current, revision_get, tombstone_current
from backend.common.errors import Conflict
from backend.images.models import Image
from backend.tallies.families import IMAGES, MASKS
from backend.tallies.models import Measure
from backend.tallies.services import changes_note, tally_add
from backend.users.models import User
from backend.work.gate import image_hold
from backend.work.models import WorkItem

logger = logging.getLogger("anymask.annotations")

# The serialised state goes into the answer; services know no serializers, so the view fills it in from this error.


class StaleRevision(Conflict):
    """Somebody else changed or deleted the mask first: its present state, or how it was deleted."""

    def __init__(self, current: Mask | None, tombstone: MaskTombstone | None = None) -> None:
        super().__init__(
            "This mask was changed in the meantime. Look at its present state first.", "mask.stale_revision"
        )
        self.current = current
        self.tombstone = tombstone


def stale(mask_id: uuid.UUID) -> StaleRevision:
    """How things stand with a mask that is not at the revision somebody named."""
    current = mask_current(mask_id=mask_id)
    return StaleRevision(current, None if current else tombstone_current(mask_id=mask_id))


def mask_create(
    *,
    image: Image,
    author: User,
    mask_id: uuid.UUID,
    label_id: int | None,
    segmentation: dict[str, Any],
    model: str | None = None,
    model_segmentation: dict[str, Any] | None = None,
    attributes: dict[str, Any] | None = None,
    restores: int | None = None,
    **fields: Any,
) -> tuple[Mask, bool]:
    """Saves a mask: (mask, True), or (the stored one, False) when this id was saved on this image before.

    Without a label the mask is to be labelled later. A mask that was deleted comes back only when `restores` names
    the revision at which it was: a create that arrives late, for the second time, must not undo what somebody did
    since.

    Raises InvalidInput `mask.size`, `mask.rle_invalid`, `mask.empty`, `mask.label`, `mask.attribute_unknown`,
    `mask.attribute_value`, `mask.model`, Conflict `mask.id_taken`, StaleRevision, and what `image_hold` raises.
    """
    stored = Mask.objects.filter(pk=mask_id).first()
    if stored is None:
        mask = mask_drafted(
            image=image,
            author=author,
            named=Named(image.project_id),
            mask_id=mask_id,
            label_id=label_id,
            segmentation=segmentation,
            model=model,
            model_segmentation=model_segmentation,
            attributes=attributes,
            **fields,
        )
        try:
            with transaction.atomic():
                image_hold(image=image, user=author)
                mask.sequence = sequence_raise(image)
                tombstone = _lifted_tombstone(mask_id, image, restores)
                _revived(mask, tombstone, author)
        except IntegrityError:
            stored = Mask.objects.filter(pk=mask_id).first()
            if stored is None:
                raise
        else:
            logger.info("mask_created id=%s image=%s area=%s", mask.pk, image.pk, mask.area)
            return mask_current(mask_id=mask_id) or mask, True
    if stored.image_id != image.pk:
        raise Conflict("This id belongs to another mask.", "mask.id_taken")
    return mask_current(mask_id=mask_id) or stored, False


def mask_update(*, mask: Mask, editor: User, revision: int, changes: dict[str, Any]) -> Mask:
    """Applies `changes` (label_id, attributes, segmentation, model, model_segmentation and plain fields) to the revision
    they were made from.

    Raises StaleRevision, and what mask_create raises.
    """
    if mask.revision != revision:
        # Before the rest is judged: what was right for the revision it was made from may be wrong for this one.
        raise stale(mask.pk)
    values = changes_judged(mask, named=Named(mask.image.project_id), changes=changes)
    return _replace(mask, editor, revision, values)


def _replace(mask: Mask, editor: User, revision: int, values: dict[str, Any]) -> Mask:
    """The mask's next state, of values judged before; the one it had is kept. Raises as `mask_update` does."""
    # One statement decides between two people: only the first still finds the revision it names.
    with transaction.atomic():
        image_hold(image=mask.image, user=editor)
        changed = Mask.objects.filter(pk=mask.pk, revision=revision).update(
            **values,
            revision=F("revision") + 1,
            sequence=sequence_raise(mask.image),
            updated_at=timezone.now(),
            updated_by=editor,
        )
        if not changed:
            raise stale(mask.pk)
        current = mask_current(mask_id=mask.pk)
        assert current is not None
        replaced_keep(mask, followed_by=current)
        if not mask.image.is_replica:
            if current.label_id != mask.label_id:
                _count_label(mask, -1)
                _count_label(current, 1)
            changes_note(MASKS, gone=[mask_figures(mask)], come=[mask_figures(current)])
            if current.model_version_id != mask.model_version_id:
                _count_image(mask, before=[_made(mask)], after=[_made(current)])
        masks_saved.send(sender=Mask, image=current.image, masks=[current], editor=editor)
    logger.info("mask_updated id=%s revision=%s", mask.pk, current.revision)
    return current


def mask_delete(*, mask: Mask, editor: User, revision: int) -> None:
    """Removes this revision of the mask and remembers that it did. Raises StaleRevision, and what `image_hold` raises."""
    with transaction.atomic():
        image_hold(image=mask.image, user=editor)
        sequence = sequence_raise(mask.image)
        deleted, _ = Mask.objects.filter(pk=mask.pk, revision=revision).delete()
        if not deleted:
            raise stale(mask.pk)
        tombstone = MaskTombstone.objects.create(
            id=mask.pk,
            image_id=mask.image_id,
            revision=revision,
            sequence=sequence,
            deleted_by=editor,
            author_id=mask.author_id,
            made_at=mask.created_at,
        )
        deleted_keep(mask, tombstone)
        _count(mask, -1)
        masks_deleted.send(sender=Mask, image=mask.image, mask_ids=[mask.pk], editor=editor)
    logger.info("mask_deleted id=%s", mask.pk)


def mask_restore(*, user: User, mask_id: uuid.UUID, revision: int, present: int) -> Mask:
    """Makes the state that the mask had at `revision` its newest one. `present` is the revision it has now, or at which
    it was deleted: a mask that is gone comes back as the one it was, with its author.

    The state comes back as it was, with values for attributes that are defined otherwise by now; only a label that
    was deleted is no longer there. Raises NotFound `mask.not_found`, `mask.no_such_revision`, StaleRevision, and what
    `image_hold` raises.
    """
    old = revision_get(user=user, mask_id=mask_id, revision=revision)
    values = state_of(old) | {"tool": Mask.Tool.RESTORE}
    mask = mask_current(mask_id=mask_id)
    if mask is not None:
        if mask.revision != present:
            raise stale(mask_id)
        # Whose mask it is does not change with its state.
        return _replace(mask, user, present, values)
    with transaction.atomic():
        image_hold(image=old.image, user=user)
        sequence = sequence_raise(old.image)
        tombstone = _lifted_tombstone(mask_id, old.image, present)
        if tombstone is None:
            # Somebody else brought it back in the meantime.
            raise stale(mask_id)
        mask = Mask(
            id=mask_id, image=old.image, author_id=old.author_id, updated_by=user, sequence=sequence, **values
        )
        _revived(mask, tombstone, user)
    logger.info("mask_restored id=%s revision=%s", mask_id, mask.revision)
    return mask_current(mask_id=mask_id) or mask


def _revived(mask: Mask, tombstone: MaskTombstone | None, editor: User) -> None:
    """Inserts a mask; one that comes back goes on from the revision it was deleted at and is whose it was."""
    if tombstone is not None:
        mask.revision = tombstone.revision + 1
    mask.save(force_insert=True)
    if tombstone is not None and tombstone.made_at is not None:
        mask.author_id, mask.created_at = tombstone.author_id, tombstone.made_at
        # The time of making is set by every insert.
        Mask.objects.filter(pk=mask.pk).update(author_id=mask.author_id, created_at=mask.created_at)
    _count(mask, 1)
    if tombstone is not None:
        revived_tell([mask])
    masks_saved.send(sender=Mask, image=mask.image, masks=[mask], editor=editor)


def _count(mask: Mask, change: int) -> None:
    """Notes a mask that came (1) or went (-1). Whoever changes masks of the image holds its work."""
    held = WorkItem.objects.filter(pk=mask.image_id)
    held.update(mask_count=F("mask_count") + change)
    # What is on replicas are no masks of the project.
    if mask.image.is_replica:
        return
    _count_label(mask, change)
    figures = [mask_figures(mask)]
    changes_note(MASKS, come=figures) if change > 0 else changes_note(MASKS, gone=figures)
    made = [_made(mask)]
    _count_image(mask, before=[] if change > 0 else made, after=made if change > 0 else [])
    # The first mask of the image, or the last.
    if held.values_list("mask_count", flat=True).get() == max(change, 0):
        tally_add(project_id=mask.image.project_id, measure=Measure.ANNOTATED_IMAGES, amount=change)


def _count_image(mask: Mask, *, before: list[Made], after: list[Made]) -> None:
    """Notes of which models the mask's image has masks now: this one changed from one state to the other."""
    others = masks_made(mask.image_id, without=[mask.pk])
    project_id = mask.image.project_id
    changes_note(
        IMAGES,
        gone=image_figures(project_id, [*others, *before]),
        come=image_figures(project_id, [*others, *after]),
    )


def _made(mask: Mask) -> Made:
    return mask.model_version_id, mask.created_at


def _count_label(mask: Mask, change: int) -> None:
    tally_add(
        project_id=mask.image.project_id,
        measure=Measure.MASKS,
        label_id=mask.label_id,
        amount=change,
    )


def sequence_raise(image: Image, *, by: int = 1) -> int:
    """The number of the change about to be made, or of the last of several. Holds the image's row until the
    transaction ends."""
    rows = MaskSequence.objects.filter(image_id=image.pk)
    if not rows.update(last=F("last") + by):
        MaskSequence.objects.bulk_create([MaskSequence(image_id=image.pk)], ignore_conflicts=True)
        rows.update(last=F("last") + by)
    return rows.values_list("last", flat=True).get()


def _lifted_tombstone(mask_id: uuid.UUID, image: Image, restores: int | None) -> MaskTombstone | None:
    """How the mask that comes back was deleted, taken away; None for one that is new. Raises StaleRevision, Conflict."""
    tombstone = MaskTombstone.objects.filter(pk=mask_id).first()
    if tombstone is None:
        return None
    if tombstone.image_id != image.pk:
        raise Conflict("This id belongs to another mask.", "mask.id_taken")
    if tombstone.revision != restores:
        raise StaleRevision(None, tombstone_current(mask_id=mask_id))
    tombstone.delete()
    return tombstone
