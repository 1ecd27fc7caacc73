"""What is measured when people hand in their work, and what they are given."""

from backend.projects.models import Project
from backend.quality.checking import check_refresh
from backend.quality.comparing import consensus_refresh, truth_score
from backend.quality.ground_truth import truth_pull
from backend.quality.models import Replica
from backend.users.models import User
from backend.work.events import work_pulling, work_submitted, work_withdrawn
from backend.work.models import WorkItem


def on_work_submitted(*, item: WorkItem, **_: object) -> None:
    replica = _replica(item)
    if replica is not None and replica.consensus_image_id is not None:
        consensus_refresh(consensus_image_id=replica.consensus_image_id)
    elif replica is not None and replica.checked_image_id is not None:
        check_refresh(item=item, checked_image_id=replica.checked_image_id)
    elif replica is not None:
        truth_score(replica=item.image)


def on_work_withdrawn(*, item: WorkItem, **_: object) -> None:
    replica = _replica(item)
    if replica is not None and replica.consensus_image_id is not None:
        consensus_refresh(consensus_image_id=replica.consensus_image_id)
    elif replica is not None and replica.checked_image_id is not None:
        check_refresh(item=item, checked_image_id=replica.checked_image_id)


def on_work_pulling(*, project: Project, user: User, **_: object) -> WorkItem | None:
    return truth_pull(project=project, user=user)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    work_submitted.connect(on_work_submitted, dispatch_uid="quality.work_submitted")
    work_withdrawn.connect(on_work_withdrawn, dispatch_uid="quality.work_withdrawn")
    work_pulling.connect(on_work_pulling, dispatch_uid="quality.work_pulling")


def _replica(item: WorkItem) -> Replica | None:
    return Replica.objects.filter(pk=item.pk).first() if item.is_replica else None
