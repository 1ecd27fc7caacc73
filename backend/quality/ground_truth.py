"""Hidden ground truth: images whose masks are known, handed out to annotators like any others."""

import hmac
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from backend.annotations.models import Mask, MaskRevision
from backend.common.errors import Conflict
from backend.images.models import Image
from backend.images.services import replicas_create
from backend.projects.audit import audit
from backend.projects.models import Membership, Project
from backend.quality.models import GroundTruth, PullCount, QualitySettings, Replica
from backend.users.models import User
from backend.work.models import Hold, Skip, Status, WorkItem
from backend.work.statuses import work_locked

MAX_RATE: Final = 1000


@transaction.atomic
def truth_mark(*, image: Image, actor: User) -> GroundTruth:
    """The image's masks are the truth from now on; nobody who labels sees it any more. Marking twice is once.

    Raises Conflict `ground_truth.not_accepted` unless it is accepted and has masks, `image.replica`, `work.held`.
    """
    item = work_locked(image_id=image.pk)
    if item.is_replica:
        raise Conflict("This is one person's copy of an image: mark the original.", "image.replica")
    marked = GroundTruth.objects.filter(image=image).first()
    if marked is not None:
        return marked
    if item.hold:
        raise Conflict("This image is in a consensus round.", "work.held", {"hold": item.hold})
    if item.status != Status.ACCEPTED or not item.mask_count:
        raise Conflict(
            "Only an accepted image with masks can be the truth: somebody must have looked at it.",
            "ground_truth.not_accepted",
        )
    _withhold(image, Hold.GROUND_TRUTH)
    _tell(image, actor, "ground_truth.marked")
    return GroundTruth.objects.create(image=image, project_id=image.project_id, marked_by=actor)


@transaction.atomic
def truth_unmark(*, image: Image, actor: User) -> None:
    """An ordinary image again, but not for those who had it. Scores stay. Unmarking twice is once."""
    work_locked(image_id=image.pk)
    if not GroundTruth.objects.filter(image=image).delete()[0]:
        return
    _withhold(image, None)
    _tell(image, actor, "ground_truth.unmarked")


def _withhold(image: Image, hold: Hold | None) -> None:
    Image.objects.filter(pk=image.pk).update(is_withheld=hold is not None)
    WorkItem.objects.filter(pk=image.pk).update(hold=hold or "")


@transaction.atomic
def settings_set(*, project: Project, actor: User, ground_truth_rate: int) -> QualitySettings:
    """One in `ground_truth_rate` images that an annotator asks for is a ground truth; 0 for none."""
    chosen, _ = QualitySettings.objects.get_or_create(project=project)
    before, chosen.ground_truth_rate = chosen.ground_truth_rate, ground_truth_rate
    chosen.save(update_fields=["ground_truth_rate"])
    if before != ground_truth_rate:
        audit(
            project=project,
            actor=actor,
            action="ground_truth.rate_changed",
            changed={"rate": [before, ground_truth_rate]},
        )
    return chosen


def truth_pull(*, project: Project, user: User) -> WorkItem | None:
    """A ground truth that `user` is given in the place of an ordinary image, its row held; None when it is not its turn,
    or they had all there are. Call it in the transaction of a pull, which lets one person pull once at a time."""
    rate = QualitySettings.objects.filter(project=project).values_list("ground_truth_rate", flat=True).first()
    if not rate or not _is_annotator(project, user):
        return None
    counts = PullCount.objects.filter(project=project, user=user)
    if not counts.update(count=F("count") + 1):
        PullCount.objects.create(project=project, user=user, count=1)
    if not is_due(counts.values_list("count", flat=True).get(), rate, project=project, user=user):
        return None
    image = _truth_unseen(project, user)
    if image is None:
        return None
    (replica,) = replicas_create(pairs=[(image, user)])
    Replica.objects.create(image=replica, kind=Replica.Kind.GROUND_TRUTH)
    # As if taken from the pool: images that were assigned look different.
    WorkItem.objects.filter(pk=replica.pk).update(is_taken=True)
    return work_locked(image_id=replica.pk)


def is_due(pull: int, rate: int, *, project: Project, user: User) -> bool:
    """Whether somebody's pull of this number, from 1, is a ground truth: one in each `rate` pulls, at a place that nobody
    can tell without the server's secret. Every tenth image would soon be known."""
    block, place = divmod(pull - 1, rate)
    text = f"ground truth {project.pk} {user.pk} {block}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), text, "sha256")
    return place == int.from_bytes(digest[:8], "big") % rate


def _is_annotator(project: Project, user: User) -> bool:
    """Reviewers see the truth, and whoever manages the project all of it."""
    return Membership.objects.filter(project=project, user=user, role=Membership.Role.ANNOTATOR).exists()


def _truth_unseen(project: Project, user: User) -> Image | None:
    """One by chance of those whose embedding is there, and that `user` neither had nor took part in."""
    here = OuterRef("pk")
    known = (
        Image.objects.filter(original=here, annotator=user),
        Mask.objects.filter(image=here, author=user),
        MaskRevision.objects.filter(image=here, made_by=user),
        Skip.objects.filter(image=here, user=user),
        WorkItem.objects.filter(image=here, assignee=user),
    )
    found = Image.objects.filter(ground_truth__project=project, embedding__state="ready")
    for rows in known:
        found = found.exclude(Exists(rows))
    return found.order_by("?").first()


def _tell(image: Image, actor: User, action: str) -> None:
    audit(project=image.project, actor=actor, action=action, subject=image.file_name, image_id=image.pk)
