import hashlib
import heapq
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.evaluations.models import Evaluation
from backend.evaluations.registry import TASKS
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.training.selectors import accepted_images
from backend.users.models import User


def evaluation_list(*, project: Project) -> QuerySet[Evaluation]:
    """The project's evaluations, the newest first, with what is shown of them."""
    return _shown(Evaluation.objects.filter(project=project))


def evaluation_get(*, user: User, evaluation_id: int) -> Evaluation:
    """One evaluation. Raises NotFound `evaluation.not_found`, also for those who are not members of its project."""
    mine = Evaluation.objects.filter(pk=evaluation_id, project__memberships__user=user)
    return _found(_shown(mine).first())


def evaluation_of(*, job: Job) -> Evaluation:
    """The evaluation that the job is for. Raises NotFound `evaluation.not_found`."""
    return _found(Evaluation.objects.select_related("model_version", "project").filter(job=job).first())


def _shown(evaluations: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    return evaluations.select_related("job__created_by", "project", "model_version").order_by("-pk")


def _found(evaluation: Evaluation | None) -> Evaluation:
    if evaluation is None:
        raise NotFound("There is no such evaluation.", "evaluation.not_found")
    return evaluation


def key_figures(evaluation: Evaluation) -> list[dict[str, Any]]:
    """`{key, name, value}` of the figures its task puts first; those without a value are left out, and before it is over
    there are none."""
    task = TASKS.get(evaluation.task)
    if task is None or evaluation.report is None:
        return []
    values = [(figure, figure.value(evaluation.report)) for figure in task.figures]
    return [{"key": one.key, "name": one.name, "value": value} for one, value in values if value is not None]


def images_chosen(*, project: Project, most: int) -> list[int]:
    """Keys of at most so many accepted images with masks, in their order, every image as likely as any other.

    Which follows from the pictures alone: what is accepted later takes only the place of what it pushes out, so that two
    evaluations look at the same images as far as they can.
    """
    rows = accepted_images(projects=[project]).order_by().values_list("pk", "sha256").iterator()
    ranked = ((_rank(sha256.encode()), pk) for pk, sha256 in rows)
    return sorted(pk for _, pk in heapq.nsmallest(most, ranked))


def places_chosen(*, mask_ids: Sequence[uuid.UUID], most: int) -> list[int]:
    """Places of at most so many of an image's masks, in their order; which follows from their ids alone."""
    ranked = ((_rank(mask_id.bytes), place) for place, mask_id in enumerate(mask_ids))
    return sorted(place for _, place in heapq.nsmallest(most, ranked))


def _rank(name: bytes) -> bytes:
    return hashlib.blake2b(name, digest_size=8, salt=b"evaluation").digest()
