"""The job that ranks, which the workers know how to do."""

from typing import Any

from backend.common.errors import Conflict
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, Params, kind_add
from backend.jobs.selectors import job_unfinished
from backend.projects.models import Project
from backend.ranking.models import RANK_IMAGES, Order
from backend.ranking.selectors import order_of
from backend.ranking.services import parent_checked
from backend.users.models import User


def ranking_checked(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises Conflict `ranking.by_upload`, `ranking.under_way`, `ranking.no_parent`; the project is locked."""
    row = order_of(project=project)
    if row.order == Order.UPLOAD:
        raise Conflict("Images come in the order of uploads: there is nothing to rank.", "ranking.by_upload")
    running = job_unfinished(project=project, kind=RANK_IMAGES)
    if running is not None:
        raise Conflict(
            "The images are being ranked already.", "ranking.under_way", {"job": str(running.uuid)}
        )
    if row.order == Order.DISAGREEMENT:
        parent_checked(project)
    return {"version": row.version, "order": row.order}


def _title(params: Params) -> str:
    return f"Rank images: {params['order']}" if "order" in params else "Rank images"


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=RANK_IMAGES,
            title="Rank images",
            unit="images",
            check=ranking_checked,
            queue=Job.Queue.GPU,
            title_of=_title,
        )
    )
