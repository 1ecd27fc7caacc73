"""Takes over what checkers corrected: as ordinary revisions by them, on the originals."""

import uuid

from django.db import transaction
from django.utils import timezone

from backend.annotations.models import Mask
from backend.annotations.revisions import state_of
from backend.annotations.writing import Writing
from backend.common.errors import Conflict
from backend.projects.audit import audit
from backend.projects.models import Membership
from backend.quality.check_models import CheckedImage, QualityCheck
from backend.quality.checking import Correction, corrections
from backend.quality.models import Replica
from backend.users.models import User
from backend.work.gate import hold_check
from backend.work.statuses import work_locked

State = CheckedImage.State


def check_apply(*, check: QualityCheck, actor: User) -> QualityCheck:
    """Puts the corrections on the originals, image by image; asked again it goes on with those that are left.

    A correction of a mask that was changed or deleted since it was copied is refused and counted, the others are taken.
    Raises Conflict `quality_check.open` unless the check is closed.
    """
    if check.closed_at is None:
        raise Conflict(
            "Close the check first: until then its checkers may still correct something.",
            "quality_check.open",
        )
    replicas = Replica.objects.filter(
        checked_image__of_check=check, checked_image__state=State.SUBMITTED
    ).order_by("pk")
    for replica in replicas.select_related("checked_image"):
        assert replica.checked_image is not None
        _image_apply(replica.checked_image, replica.pk, actor)
    with transaction.atomic():
        found = QualityCheck.objects.select_for_update(of=("self",), no_key=True).get(pk=check.pk)
        if found.applied_at is None:
            found.applied_at, found.applied_by = timezone.now(), actor
            found.save(update_fields=["applied_at", "applied_by"])
            audit(project=found.project, actor=actor, action="quality_check.applied", subject=found.name)
    return found


@transaction.atomic
def _image_apply(checked: CheckedImage, replica_id: int, actor: User) -> None:
    rows = CheckedImage.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("image__project", "checker").get(pk=checked.pk)
    if row.state != State.SUBMITTED:
        return
    found, added = corrections(row=row, replica_id=replica_id)
    item = work_locked(image_id=row.image_id)
    try:
        # The table lets managers alone do this.
        hold_check(item, Membership.Role.MANAGER)
    except Conflict:
        row.refused = len([one for one in found if _is_changed(one)]) + len(added)
    else:
        editor = row.checker or actor
        writing = Writing(image=row.image, editor=editor, held=item)
        _corrections_take(writing, row, found)
        for mask in added:
            writing.create(
                Mask(id=uuid.uuid4(), image=row.image, author=editor, updated_by=editor, **state_of(mask))
            )
        row.applied += len(added)
        writing.save()
    row.state = State.APPLIED
    row.save(update_fields=["state", "applied", "refused"])


def _is_changed(one: Correction) -> bool:
    return one.after is None or bool(one.changed)


def _corrections_take(writing: Writing, row: CheckedImage, found: list[Correction]) -> None:
    wanted = [one for one in found if _is_changed(one)]
    originals = Mask.objects.filter(image=row.image).in_bulk([one.row.original_id for one in wanted])
    for one in wanted:
        original = originals.get(one.row.original_id)
        if original is None or original.revision != one.row.revision:
            row.refused += 1
            continue
        if one.after is None:
            writing.delete(original)
        else:
            writing.update(original, state_of(one.after))
        row.applied += 1
