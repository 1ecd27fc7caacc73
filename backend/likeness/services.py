"""Vectors stored and forgotten, and the job that makes them asked for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from backend.annotations.models import Mask, MaskRevision
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.selectors import job_unfinished
from backend.jobs.services import job_ensured
from backend.jobs.states import JobState
from backend.likeness.models import MASK_VECTORS, MaskVector
from backend.likeness.selectors import masks_ready
from backend.projects.models import Membership, Project
from backend.projects.permissions import may_start_job
from backend.users.models import User
from backend.work.statuses import works_held

_AT_ONCE = 500


@dataclass(frozen=True)
class Made:
    """The vector of a mask as it was at a revision: little-endian float16 [C]."""

    mask_id: uuid.UUID
    revision: int
    vector: bytes


def vectors_store(*, image: Image, encoder_id: int, made: Sequence[Made]) -> int:
    """Keeps the vectors of masks of the image that are as they were, in the place of those of other encoders; how many.

    Call it in a transaction.
    """
    # Held first: nobody changes a mask meanwhile.
    if works_held().filter(pk=image.pk).first() is None:
        return 0
    rows = Mask.objects.filter(image=image, pk__in=[one.mask_id for one in made]).order_by()
    revisions = dict(rows.values_list("pk", "revision"))
    kept = [
        MaskVector(
            mask_id=one.mask_id,
            image=image,
            project_id=image.project_id,
            revision=one.revision,
            model_version_id=encoder_id,
            vector=one.vector,
        )
        for one in made
        if revisions.get(one.mask_id) == one.revision
    ]
    MaskVector.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["mask_id"],
        update_fields=["image", "project", "revision", "model_version", "vector"],
        batch_size=_AT_ONCE,
    )
    return len(kept)


def vectors_forget(*, mask_ids: Sequence[uuid.UUID]) -> None:
    """The masks are gone."""
    MaskVector.objects.filter(mask_id__in=mask_ids).delete()


def vectors_forget_reshaped(*, mask_ids: Sequence[uuid.UUID]) -> None:
    """The masks were saved: forgets the vectors of those that have another shape since. A label changes none."""
    made_at = dict(MaskVector.objects.filter(mask_id__in=mask_ids).values_list("mask_id", "revision"))
    if not made_at:
        return
    steps = MaskRevision.objects.filter(mask_id__in=list(made_at)).order_by()
    reshaped = {
        mask_id
        for mask_id, revision, changed in steps.values_list("mask_id", "revision", "changed_next")
        if revision >= made_at[mask_id] and "segmentation" in changed
    }
    if reshaped:
        vectors_forget(mask_ids=list(reshaped))


def vectors_wanted(*, project: Project, user: User, image: Image) -> Job | None:
    """The job that looks at the project's masks without a vector: the one that is under way, else a new one, if there is
    something for it to do and `user` may start it; it begins with `image`.

    After one that failed, or that somebody cancelled, a new one is not started before somebody asks for it.
    """
    running = job_unfinished(project=project, kind=MASK_VECTORS)
    if running is not None:
        return running
    ready = masks_ready(encoder_id=project.model.encoder_id, project=project).count()
    role = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    if not ready or role is None or not may_start_job(Membership.Role(role), MASK_VECTORS):
        return None

    def may_follow(last: Job) -> bool:
        return last.state == JobState.SUCCEEDED and ready > (last.result or {}).get("unreadable", 0)

    # Nobody's: whoever only looked for something is not to be told that a job is done.
    params = {"image": image.pk}
    return job_ensured(project=project, kind=MASK_VECTORS, params=params, creator=None, may_follow=may_follow)
