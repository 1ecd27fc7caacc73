"""What happened to a mask, and which masks of an image were deleted."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from backend.annotations.models import Mask, MaskRevision, MaskTombstone
from backend.annotations.selectors import TOMBSTONES_TOLD
from backend.images.models import Image
from backend.users.models import User


@dataclass(frozen=True)
class Entry:
    """A state of a mask, or that it was deleted at `revision`."""

    revision: int
    by: User | None
    at: datetime
    tool: str | None
    label_id: int | None
    area: int | None
    what: list[str] = field(default_factory=list)
    is_current: bool = False
    is_deleted: bool = False


def mask_history(*, mask: Mask | None, tombstone: MaskTombstone | None) -> list[Entry]:
    """The newest first: the mask's present state, or that it was deleted, and what it was before.

    Of masks older than the table of revisions only what was changed since is known. Reads no pixels.
    """
    mask_id = mask.pk if mask else tombstone.pk if tombstone else None
    entries = [_present(mask)] if mask else []
    rows = _rows(mask_id) if mask_id else []
    if tombstone and not any(row.revision == tombstone.revision for row in rows):
        # Deleted before its last state was kept.
        entries.append(
            Entry(
                tombstone.revision,
                tombstone.deleted_by,
                tombstone.deleted_at,
                None,
                None,
                None,
                is_deleted=True,
            )
        )
    for row in rows:
        if entries and not entries[-1].is_deleted and entries[-1].revision == row.revision + 1:
            entries[-1] = replace(entries[-1], what=row.changed_next)
        if row.deleted_at is not None:
            entries.append(
                Entry(
                    row.revision,
                    row.deleted_by,
                    row.deleted_at,
                    None,
                    row.label_id,
                    row.area,
                    is_deleted=True,
                )
            )
        entries.append(Entry(row.revision, row.made_by, row.made_at, row.tool, row.label_id, row.area))
    return entries


def masks_deleted(*, image: Image) -> QuerySet[MaskRevision]:
    """The last states of masks that are deleted now, those deleted last first. Masks deleted before states were kept
    are not among them: they cannot come back."""
    gone = MaskTombstone.objects.filter(pk=OuterRef("mask_id"), revision=OuterRef("revision"))
    rows = MaskRevision.objects.filter(Exists(gone), image=image, deleted_at__isnull=False)
    return (
        rows.select_related("deleted_by")
        .defer("counts", "prompts")
        .order_by("-deleted_at", "-pk")[:TOMBSTONES_TOLD]
    )


def _present(mask: Mask) -> Entry:
    return Entry(
        mask.revision,
        mask.updated_by,
        mask.updated_at,
        mask.tool,
        mask.label_id,
        mask.area,
        is_current=True,
    )


def _rows(mask_id: uuid.UUID) -> list[MaskRevision]:
    rows = MaskRevision.objects.filter(mask_id=mask_id).select_related("made_by", "deleted_by")
    return list(rows.defer("counts", "prompts", "attributes").order_by("-revision"))
