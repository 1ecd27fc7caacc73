"""Release checks: begun and closed.

Rows are held in one order everywhere: the work on replicas, the check's image, the work on the original.
"""

import secrets
import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from backend.annotations.models import Mask
from backend.annotations.revisions import state_of
from backend.annotations.writing import Writing
from backend.common.errors import Conflict
from backend.images.models import Image
from backend.images.services import replicas_create, replicas_delete
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.quality.check_drawing import Drawn, checkers_named, images_drawn
from backend.quality.check_models import CheckedImage, CheckedMask, QualityCheck
from backend.quality.models import Replica
from backend.users.models import User
from backend.work.events import work_assigned
from backend.work.models import Status, WorkItem
from backend.work.statuses import works_held

State = CheckedImage.State


@transaction.atomic
def check_create(
    *,
    project: Project,
    actor: User,
    name: str,
    checker_ids: Sequence[int],
    masks: int,
    seed: int | None = None,
) -> QualityCheck:
    """Draws accepted images by chance until they hold so many masks, and gives each to one of the people as a replica
    with copies of its masks. The originals stay as they are, and are not held.

    Raises InvalidInput `quality_check.checkers`, `quality_check.images`, Conflict `quality_check.changed`.
    """
    project = project_locked(project_id=project.pk)
    people = checkers_named(project=project, user_ids=checker_ids)
    seed = secrets.randbelow(2**31) if seed is None else seed
    drawn = images_drawn(project=project, people=people, masks=masks, seed=seed)
    _originals_hold(drawn)
    made = QualityCheck.objects.create(
        project=project, name=name, seed=seed, masks_wanted=masks, created_by=actor
    )
    _images_add(made, drawn)
    counts = Counter(one.checker.pk for one in drawn)
    work_assigned.send(sender=WorkItem, project=project, actor=actor, counts=dict(counts))
    audit(
        project=project,
        actor=actor,
        action="quality_check.begun",
        subject=name,
        images=len(drawn),
        masks=sum(one.mask_count for one in drawn),
        checkers=[str(person) for person in people],
    )
    return made


def _originals_hold(drawn: Sequence[Drawn]) -> None:
    """Until the commit nobody changes what is copied. Raises Conflict `quality_check.changed` where somebody just did."""
    keys = {one.image_id: one.mask_count for one in drawn}
    held = works_held().filter(pk__in=keys).order_by("pk")
    unchanged = [
        item
        for item in held
        if item.status == Status.ACCEPTED and not item.hold and item.mask_count == keys[item.pk]
    ]
    if len(unchanged) != len(keys):
        raise Conflict("Somebody changed one of these images in this very moment.", "quality_check.changed")


def _images_add(made: QualityCheck, drawn: Sequence[Drawn]) -> None:
    originals = Image.objects.in_bulk([one.image_id for one in drawn])
    rows = CheckedImage.objects.bulk_create(
        CheckedImage(
            of_check=made,
            image_id=one.image_id,
            checker=one.checker,
            is_own=one.is_own,
            mask_count=one.mask_count,
        )
        for one in drawn
    )
    replicas = replicas_create(pairs=[(originals[one.image_id], one.checker) for one in drawn])
    Replica.objects.bulk_create(
        Replica(image=replica, kind=Replica.Kind.CHECK, checked_image=row)
        for replica, row in zip(replicas, rows, strict=True)
    )
    items = {item.pk: item for item in works_held().filter(pk__in=[one.pk for one in replicas])}
    for one, replica, row in zip(drawn, replicas, rows, strict=True):
        _masks_copy(row, replica, items[replica.pk], one.checker)


def _masks_copy(row: CheckedImage, replica: Image, held: WorkItem, checker: User) -> None:
    """Copies are whose the masks are; what the checker makes of them is theirs."""
    writing = Writing(image=replica, editor=checker, held=held)
    lineage = []
    for mask in Mask.objects.filter(image=row.image_id).order_by("created_at", "pk"):
        copy = Mask(
            id=uuid.uuid4(),
            image=replica,
            author_id=mask.author_id,
            updated_by_id=mask.updated_by_id,
            **state_of(mask),
        )
        writing.create(copy)
        lineage.append(
            CheckedMask(checked_image=row, original_id=mask.pk, revision=mask.revision, copy_id=copy.pk)
        )
    writing.save()
    CheckedMask.objects.bulk_create(lineage, batch_size=500)


@transaction.atomic
def check_close(*, check: QualityCheck, actor: User) -> QualityCheck:
    """Its figures are those of what was submitted, and stay. What was not goes, also what somebody was at; checkers see
    the originals again, and what they submitted stays for who manages the project. Closing again changes nothing."""
    replicas = works_held().filter(image__quality__checked_image__of_check=check).order_by("pk")
    held = list(replicas)
    found = QualityCheck.objects.select_for_update(of=("self",), no_key=True).get(pk=check.pk)
    if found.closed_at is not None:
        return found
    kept = [item.pk for item in held if item.status == Status.SUBMITTED]
    gone = [item.pk for item in held if item.status != Status.SUBMITTED]
    CheckedImage.objects.filter(of_check=found, state=State.OPEN).update(state=State.RELEASED)
    removed = replicas_delete(replicas=Image.objects.filter(pk__in=gone))
    # Nobody's any more: nobody changes it, and the next check may give the image to the same person.
    Image.objects.filter(pk__in=kept).update(annotator=None)
    found.closed_at, found.closed_by = timezone.now(), actor
    found.save(update_fields=["closed_at", "closed_by"])
    audit(
        project=found.project,
        actor=actor,
        action="quality_check.closed",
        subject=found.name,
        replicas_removed=removed,
    )
    return found
