from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.fairness.models import DrawnImage, FairnessReport
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.users.models import User


def report_list(*, project: Project) -> QuerySet[FairnessReport]:
    """The project's reports, the newest first, with what is shown of them."""
    return _shown(FairnessReport.objects.filter(project=project))


def report_get(*, user: User, report_id: int) -> FairnessReport:
    """One report. Raises NotFound `fairness.not_found`, also for those who are not members of its project."""
    report = _shown(FairnessReport.objects.filter(pk=report_id, project__memberships__user=user)).first()
    if report is None:
        raise NotFound("There is no such report.", "fairness.not_found")
    return report


def report_of(*, job: Job) -> FairnessReport:
    """The report that the job is for. Raises NotFound `fairness.not_found`."""
    report = FairnessReport.objects.select_related("model_version", "project").filter(job=job).first()
    if report is None:
        raise NotFound("There is no such report.", "fairness.not_found")
    return report


def _shown(reports: QuerySet[FairnessReport]) -> QuerySet[FairnessReport]:
    return reports.select_related("job__created_by", "project", "model_version").order_by("-pk")


def images_left(*, report: FairnessReport) -> QuerySet[DrawnImage]:
    """Images that are still to be measured by, in the order in which they were drawn."""
    return DrawnImage.objects.filter(report=report, is_done=False).order_by("pk")
