"""Asking for a report, drawing its masks, keeping what was measured."""

import hashlib
import heapq
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backend.annotations.models import Mask
from backend.common.errors import Conflict, InvalidInput
from backend.embeddings.selectors import model_version_named
from backend.fairness.models import MEASURE, DrawnImage, FairnessReport, FirstClick, MeasuredMask
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.services import job_enqueue, room_checked
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.training.selectors import accepted_images
from backend.users.models import User
from backend.work.statuses import works_held

# Rows that are read between two signs of life.
_AT_ONCE: Final = 1000


@transaction.atomic
def report_create(
    *,
    project: Project,
    creator: User,
    job_id: uuid.UUID,
    model: str | None,
    max_masks: int,
    seed: int,
    first_click: str = FirstClick.RANDOM,
) -> tuple[FairnessReport, bool]:
    """A report of `model` (name@version; None: the project's), queued, and whether this made it: the same id again is the
    same report.

    Raises InvalidInput `fairness.model`, Conflict `fairness.nothing_accepted`, `job.id_taken`, `job.too_many`.
    """
    project = project_locked(project_id=project.pk)
    job = Job.objects.filter(uuid=job_id).first()
    if job is not None:
        report = FairnessReport.objects.filter(job=job, project=project, job__created_by=creator).first()
        if report is None:
            raise Conflict("This id belongs to another job.", "job.id_taken")
        return report, False
    room_checked(project=project)
    version = project.model if model is None else model_version_named(model=model)
    if version is None:
        raise InvalidInput("No such model is registered; it is named name@version.", "fairness.model")
    if not accepted_images(projects=[project]).exists():
        raise Conflict(
            "A report measures by masks of accepted images, and there are none yet.",
            "fairness.nothing_accepted",
        )
    job = job_enqueue(kind=MEASURE, params={}, project=project, creator=creator, job_id=job_id)
    report = FairnessReport.objects.create(
        job=job,
        project=project,
        model_version=version,
        first_click=first_click,
        max_masks=max_masks,
        seed=seed,
    )
    audit(
        project=project,
        actor=creator,
        action="fairness.started",
        subject=str(version),
        max_masks=max_masks,
        first_click=first_click,
    )
    return report, True


def masks_chosen(*, report: FairnessReport, check: Callable[[], None]) -> dict[int, list[str]]:
    """By image: ids of the accepted masks that the report is to measure by, at most `max_masks`, every mask as likely as
    any other.

    Which these are follows from the seed and the masks' ids alone: what is accepted later takes only the place of what it
    comes before. `check` is called now and then. Call it outside of any transaction.
    """
    images = accepted_images(projects=[report.project]).order_by().values("pk")
    rows = Mask.objects.filter(image__in=images).order_by().values_list("pk", "image").iterator()
    ranked = (
        (_rank(report.seed, mask_id), str(mask_id), image_id) for mask_id, image_id in _read(rows, check)
    )
    chosen: dict[int, list[str]] = {}
    for _, mask_id, image_id in heapq.nsmallest(report.max_masks, ranked):
        chosen.setdefault(image_id, []).append(mask_id)
    return dict(sorted(chosen.items()))


def _read(
    rows: Iterable[tuple[uuid.UUID, int]], check: Callable[[], None]
) -> Iterator[tuple[uuid.UUID, int]]:
    for number, row in enumerate(rows):
        if number % _AT_ONCE == 0:
            check()
        yield row


def _rank(seed: int, mask_id: uuid.UUID) -> bytes:
    return hashlib.blake2b(mask_id.bytes, digest_size=8, salt=seed.to_bytes(16, "big")).digest()


def masks_draw(*, report: FairnessReport, chosen: dict[int, list[str]]) -> None:
    """Keeps what was chosen, unless an attempt before did. Call it in a transaction that holds the report's job."""
    if not FairnessReport.objects.filter(pk=report.pk, drawn_at=None).exists():
        return
    # Some may have been deleted since they were read.
    there = set(Image.objects.filter(pk__in=chosen).values_list("pk", flat=True))
    drawn = [
        DrawnImage(report=report, image_id=image_id, mask_ids=mask_ids)
        for image_id, mask_ids in chosen.items()
        if image_id in there
    ]
    DrawnImage.objects.bulk_create(drawn, batch_size=500)
    FairnessReport.objects.filter(pk=report.pk).update(
        drawn_at=timezone.now(),
        images_drawn=len(drawn),
        masks_drawn=sum(len(one.mask_ids) for one in drawn),
    )


@dataclass(frozen=True)
class Score:
    """IoU of a model's answers with a mask at one of its revisions, after 1 and 3 clicks."""

    mask_id: uuid.UUID
    revision: int
    iou_1: float
    iou_3: float


def scores_store(*, drawn_image: DrawnImage, scores: Sequence[Score], error_code: str = "") -> bool:
    """Keeps what was measured on one image, with the note that it is done; whether this did. Not where it was done
    already, or the image was deleted.

    Call it in a transaction that holds the report's job.
    """
    # Held first: nobody deletes the image meanwhile.
    if works_held().filter(pk=drawn_image.image_id).first() is None:
        return False
    waiting = DrawnImage.objects.filter(pk=drawn_image.pk, is_done=False)
    if not waiting.update(is_done=True, error_code=error_code):
        return False
    MeasuredMask.objects.bulk_create(
        [MeasuredMask(drawn_image=drawn_image, **vars(score)) for score in scores], batch_size=500
    )
    FairnessReport.objects.filter(pk=drawn_image.report_id).update(
        images_done=F("images_done") + 1,
        images_failed=F("images_failed") + bool(error_code),
        masks_measured=F("masks_measured") + len(scores),
    )
    return True
