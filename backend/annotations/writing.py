"""Many changes of one image's masks written at once: the rows and sums that one after the other would leave."""

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import F

from backend.annotations.events import masks_deleted, masks_saved
from backend.annotations.figures import mask_figures
from backend.annotations.image_figures import Made, image_figures, masks_made
from backend.annotations.models import Mask, MaskRevision, MaskTombstone
from backend.annotations.revisions import STATE, deleted_row, replaced_row, revived_tell
from backend.annotations.services import sequence_raise
from backend.images.models import Image
from backend.tallies.families import IMAGES, MASKS
from backend.tallies.models import Measure
from backend.tallies.services import changes_note, tally_add
from backend.users.models import User
from backend.work.models import WorkItem

_AT_ONCE: Final = 500
# What another state of a mask changes of its row.
_OF_STATE: Final = (*STATE, "revision", "sequence", "updated_at", "updated_by_id")


@dataclass
class Writing:
    """Changes of masks of one image, whose work is `held` by the transaction; each mask is in it once, as its row was
    read since the work is held."""

    image: Image
    editor: User
    held: WorkItem
    _come: list[Mask] = field(default_factory=list)
    _gone: list[Mask] = field(default_factory=list)
    # What it was, what it becomes.
    _replaced: list[tuple[Mask, Mask]] = field(default_factory=list)
    _lifted: dict[Any, MaskTombstone] = field(default_factory=dict)
    _tombstones: list[MaskTombstone] = field(default_factory=list)
    # In the order in which they were asked for, which the image's order of changes follows.
    _numbered: list[Mask | MaskTombstone] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Masks `created` (or brought back), `changed` and `deleted`."""
        return {"created": len(self._come), "changed": len(self._replaced), "deleted": len(self._gone)}

    def create(self, mask: Mask, tombstone: MaskTombstone | None = None) -> Mask:
        """A mask that was not saved; with its tombstone it comes back, and is whose it was."""
        if tombstone is not None:
            mask.revision = tombstone.revision + 1
            self._lifted[mask.pk] = tombstone
        self._come.append(mask)
        self._numbered.append(mask)
        return mask

    def update(self, mask: Mask, values: dict[str, Any]) -> Mask:
        """The mask's next state, of values judged before."""
        after = copy.copy(mask)
        for name, value in values.items():
            setattr(after, name, value)
        after.revision, after.updated_by = mask.revision + 1, self.editor
        self._replaced.append((mask, after))
        self._numbered.append(after)
        return after

    def delete(self, mask: Mask) -> None:
        tombstone = MaskTombstone(
            id=mask.pk,
            image_id=mask.image_id,
            revision=mask.revision,
            deleted_by=self.editor,
            author_id=mask.author_id,
            made_at=mask.created_at,
        )
        self._gone.append(mask)
        self._tombstones.append(tombstone)
        self._numbered.append(tombstone)

    def save(self) -> None:
        """Writes them. Raises IntegrityError where an id became that of a mask of another image in the meantime."""
        if not self._numbered:
            return
        made_before = masks_made(self.image.pk)
        last = sequence_raise(self.image, by=len(self._numbered))
        for number, row in enumerate(self._numbered, start=last - len(self._numbered) + 1):
            row.sequence = number
        self._save_new()
        self._save_next()
        self._save_gone()
        self._count(made_before)
        self._tell()

    def _save_new(self) -> None:
        if not self._come:
            return
        if self._lifted:
            MaskTombstone.objects.filter(pk__in=list(self._lifted)).delete()
        Mask.objects.bulk_create(self._come, batch_size=_AT_ONCE)
        back = [mask for mask in self._come if mask.pk in self._lifted]
        known = []
        for mask in back:
            tombstone = self._lifted[mask.pk]
            if tombstone.made_at is not None:
                mask.author_id, mask.created_at = tombstone.author_id, tombstone.made_at
                known.append(mask)
        if known:
            # The time of making is set by every insert.
            Mask.objects.bulk_update(known, ["author_id", "created_at"], batch_size=_AT_ONCE)
        if back:
            revived_tell(back)

    def _save_next(self) -> None:
        if not self._replaced:
            return
        # Rows that are there and stay there while the work is held: each finds its own, so this inserts none.
        Mask.objects.bulk_create(
            [after for _, after in self._replaced],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=_OF_STATE,
            batch_size=_AT_ONCE,
        )
        for before, after in self._replaced:
            after.created_at = before.created_at
        MaskRevision.objects.bulk_create(
            [replaced_row(before, followed_by=after) for before, after in self._replaced],
            batch_size=_AT_ONCE,
        )

    def _save_gone(self) -> None:
        if not self._gone:
            return
        Mask.objects.filter(pk__in=[mask.pk for mask in self._gone]).delete()
        MaskTombstone.objects.bulk_create(self._tombstones, batch_size=_AT_ONCE)
        MaskRevision.objects.bulk_create(
            [deleted_row(mask, stone) for mask, stone in zip(self._gone, self._tombstones, strict=True)],
            batch_size=_AT_ONCE,
        )

    def _count(self, made_before: list[Made]) -> None:
        before = self.held.mask_count
        after = before + len(self._come) - len(self._gone)
        WorkItem.objects.filter(pk=self.image.pk).update(
            mask_count=F("mask_count") + len(self._come) - len(self._gone)
        )
        # What is on replicas are no masks of the project.
        if self.image.is_replica:
            return
        came = [*self._come, *(mask for _, mask in self._replaced)]
        went = [*self._gone, *(mask for mask, _ in self._replaced)]
        labels = Counter(mask.label_id for mask in came)
        labels.subtract(mask.label_id for mask in went)
        project_id = self.image.project_id
        for label_id, amount in labels.items():
            tally_add(project_id=project_id, measure=Measure.MASKS, label_id=label_id, amount=amount)
        tally_add(
            project_id=project_id,
            measure=Measure.ANNOTATED_IMAGES,
            amount=int(after > 0) - int(before > 0),
        )
        changes_note(MASKS, gone=map(mask_figures, went), come=map(mask_figures, came))
        changes_note(
            IMAGES,
            gone=image_figures(project_id, made_before),
            come=image_figures(project_id, self._made_after(made_before)),
        )

    def _made_after(self, made_before: list[Made]) -> list[Made]:
        """Where masks only came, that is known without asking."""
        if self._gone or any(was.model_version_id != now.model_version_id for was, now in self._replaced):
            return masks_made(self.image.pk)
        return [*made_before, *((mask.model_version_id, mask.created_at) for mask in self._come)]

    def _tell(self) -> None:
        if saved := [*self._come, *(mask for _, mask in self._replaced)]:
            masks_saved.send(sender=Mask, image=self.image, masks=saved, editor=self.editor)
        if self._gone:
            gone = [mask.pk for mask in self._gone]
            masks_deleted.send(sender=Mask, image=self.image, mask_ids=gone, editor=self.editor)
