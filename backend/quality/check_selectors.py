from django.db.models import Count, Q, QuerySet, Sum

from backend.common.errors import NotFound
from backend.projects.models import Project
from backend.quality.check_models import CheckedImage, QualityCheck
from backend.users.models import User
from backend.work.models import Status, WorkItem

State = CheckedImage.State


def check_list(*, project: Project) -> QuerySet[QualityCheck]:
    """The project's checks, the newest first, with the sums of their images."""
    return _with_sums(QualityCheck.objects.filter(project=project))


def check_get(*, user: User, check_id: int) -> QualityCheck:
    """One check. Raises NotFound `quality_check.not_found`, also for those who are not members of its project."""
    checks = _with_sums(QualityCheck.objects.filter(pk=check_id)).select_related("project")
    found = checks.filter(project__memberships__user=user).first()
    if found is None:
        raise NotFound("There is no such check.", "quality_check.not_found")
    return found


def _with_sums(checks: QuerySet[QualityCheck]) -> QuerySet[QualityCheck]:
    is_in = Q(images__state__in=(State.SUBMITTED, State.APPLIED))
    return (
        checks.annotate(
            image_count=Count("images"),
            mask_count=Sum("images__mask_count", default=0),
            submitted_count=Count("images", filter=is_in),
            open_count=Count("images", filter=Q(images__state=State.OPEN)),
            applied_count=Sum("images__applied", default=0),
            refused_count=Sum("images__refused", default=0),
        )
        .select_related("created_by", "closed_by", "applied_by")
        .order_by("-pk")
    )


def checkers_of(*, checks: list[QualityCheck]) -> dict[int, list[User]]:
    """By check: who corrects its images. Two queries."""
    rows = CheckedImage.objects.filter(of_check__in=checks, checker__isnull=False).order_by()
    pairs = sorted(set(rows.values_list("of_check", "checker").distinct()))
    people = User.objects.in_bulk({user_id for _, user_id in pairs})
    found: dict[int, list[User]] = {row.pk: [] for row in checks}
    for check_id, user_id in pairs:
        found[check_id].append(people[user_id])
    return found


def checked_images(*, check: QualityCheck) -> QuerySet[CheckedImage]:
    """The check's images, oldest first."""
    rows = CheckedImage.objects.filter(of_check=check)
    return rows.select_related("image", "checker", "replica").order_by("pk")


def checkable_mask_count(*, project: Project) -> int:
    """How many masks a new check may draw from: those of accepted images that are not held."""
    accepted = WorkItem.objects.filter(project=project, is_replica=False, hold="", status=Status.ACCEPTED)
    return int(accepted.aggregate(masks=Sum("mask_count", default=0))["masks"])
