"""The order chosen, ranks stored and forgotten, and the job that computes them asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from backend.common.errors import Conflict
from backend.jobs.models import Job
from backend.jobs.selectors import job_unfinished
from backend.jobs.services import job_cancel, job_enqueue, job_ensured
from backend.jobs.states import JobState
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.ranking.models import RANK_IMAGES, Order, ProjectOrder
from backend.ranking.selectors import images_rankable, order_of
from backend.users.models import User
from backend.work.models import WorkItem
from backend.work.statuses import works_held


@dataclass(frozen=True)
class Rank:
    """Where an image stands, the lowest first, and what that was made of: a share of 1, a distance, or nothing."""

    rank: float
    score: float | None = None


@transaction.atomic
def order_set(*, project: Project, actor: User, order: str) -> None:
    """Chooses the order: the ranks of another one are forgotten at once, and a job computes its own.

    The same order again has what it lacks ranked. Raises Conflict `ranking.no_parent`.
    """
    project = project_locked(project_id=project.pk)
    row = order_of(project=project)
    if order == Order.DISAGREEMENT:
        parent_checked(project)
    if row.order == order:
        ranks_wanted(project=project, creator=actor)
        return
    audit(
        project=project,
        actor=actor,
        action="work.order_changed",
        subject=project.name,
        changed={"order": [row.order, order]},
    )
    row.order = order
    _begin_anew(project, row, actor)


def order_restart(*, project: Project, actor: User | None) -> None:
    """The project has another model: what the one before was ranked by is forgotten. Call it in a transaction that holds
    the project."""
    row = order_of(project=project)
    if row.order not in (Order.UPLOAD, Order.RANDOM):
        _begin_anew(project, row, actor)


def parent_checked(project: Project) -> None:
    """Raises Conflict `ranking.no_parent`."""
    if project.model.parent_id is None:
        raise Conflict(
            "The project's model was not retrained from another one, so there is none for it to disagree with.",
            "ranking.no_parent",
        )


def _begin_anew(project: Project, row: ProjectOrder, actor: User | None) -> None:
    # The job's row before the order's, as where ranks are stored.
    running = job_unfinished(project=project, kind=RANK_IMAGES)
    if running is not None:
        job_cancel(job=running)
    row.version += 1
    row.save()
    # In the order of their keys, as wherever many are held.
    ranked = works_held().select_related(None).filter(project=project, rank__isnull=False).order_by("pk")
    pks = list(ranked.values_list("pk", flat=True))
    WorkItem.objects.filter(project=project, pk__in=pks).update(rank=None, score=None)
    if row.order != Order.UPLOAD:
        params = {"version": row.version, "order": row.order}
        job_enqueue(kind=RANK_IMAGES, params=params, project=project, creator=actor)


def ranks_wanted(*, project: Project, creator: User | None) -> Job | None:
    """The job that ranks what came since, if there is something for it to do. After one that failed, or that somebody
    cancelled, a new one is not started before somebody asks for it."""
    row = order_of(project=project)
    left = images_rankable(project=project, order=row.order).count()
    if not left:
        return None

    def may_follow(last: Job) -> bool:
        if last.params.get("version") != row.version:
            return True
        return last.state == JobState.SUCCEEDED and left > (last.result or {}).get("left", 0)

    params = {"version": row.version, "order": row.order}
    return job_ensured(
        project=project, kind=RANK_IMAGES, params=params, creator=creator, may_follow=may_follow
    )


def ranks_store(*, project: Project, version: int, ranks: Mapping[int, Rank]) -> bool:
    """Gives images, by key, their ranks; False where the order is another one by now, and nothing is stored.

    Call it in a transaction.
    """
    rows = ProjectOrder.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(project=project).first()
    if row is None or row.version != version:
        return False
    items = list(works_held().select_related(None).filter(project=project, pk__in=ranks).order_by("pk"))
    for item in items:
        item.rank, item.score = ranks[item.pk].rank, ranks[item.pk].score
    WorkItem.objects.bulk_update(items, ["rank", "score"], batch_size=500)
    return True
