import uuid
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce, Floor

from backend.common.errors import NotFound
from backend.images.models import Image
from backend.images.visibility import images_listed, images_visible
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.proposals.models import Proposal, ProposalRun, ProposalState, ProposedImage
from backend.users.models import User
from backend.work.models import Status

BINS = 20


def run_list(*, project: Project) -> QuerySet[ProposalRun]:
    """The project's runs, the newest first, with their jobs and counts."""
    return _with_counts(ProposalRun.objects.filter(project=project))


def run_get(*, user: User, run_id: int) -> ProposalRun:
    """One run. Raises NotFound `proposal_run.not_found`, also for those who are not members of its project."""
    runs = _with_counts(ProposalRun.objects.filter(pk=run_id, project__memberships__user=user))
    run = runs.first()
    if run is None:
        raise NotFound("There is no such run.", "proposal_run.not_found")
    return run


def run_of(*, job: Job) -> ProposalRun:
    """The run that the job is for. Raises NotFound `proposal_run.not_found`."""
    run = ProposalRun.objects.select_related("model_version", "project").filter(job=job).first()
    if run is None:
        raise NotFound("There is no such run.", "proposal_run.not_found")
    return run


def run_outcomes(*, project: Project) -> list[dict[str, Any]]:
    """What became of the proposals of each of the project's runs: `model_id`, `created_at`, and how many are `open`,
    `untouched`, `fixed` and `rejected`."""
    images = ProposedImage.objects.filter(run__project=project).order_by("run")
    names = ("open", "untouched", "fixed", "rejected")
    # Summed under other names than the columns', which they would hide.
    rows = images.values_list("run__model_version", "run__created_at", "run")
    summed = rows.annotate(**{f"sum_{name}": Sum(name) for name in names})
    return [
        {"model_id": model_id, "created_at": at, **dict(zip(names, sums, strict=True))}
        for model_id, at, _, *sums in summed
    ]


def _with_counts(runs: QuerySet[ProposalRun]) -> QuerySet[ProposalRun]:
    sums: dict[str, Any] = {
        f"{name}_count": Coalesce(Sum(f"images__{name}"), 0)
        for name in ("open", "untouched", "fixed", "rejected", "superseded")
    }
    figures = runs.annotate(
        **sums,
        covered=Coalesce(Sum("images__covered"), 0),
        images_done=Count("images"),
        images_failed=Count("images", filter=~Q(images__error_code="")),
    )
    return figures.select_related("job__created_by", "model_version").order_by("-pk")


def images_left(*, run: ProposalRun) -> QuerySet[Image]:
    """Images that the run is still to look at, oldest first. Originals only, and none that is held for a comparison:
    what is proposed there would be seen by who is to label it blind."""
    images = Image.objects.filter(
        project=run.project_id, original=None, pk__lte=run.last_image_id, work__hold=""
    )
    if run.image_ids is not None:
        images = images.filter(pk__in=run.image_ids)
    if run.statuses is not None:
        images = images.filter(work__status__in=run.statuses)
    elif run.image_ids is None:
        images = images.exclude(work__status=Status.ACCEPTED)
    # Of none, as long as the run is not saved.
    done = ProposedImage.objects.filter(run=run.pk, image=OuterRef("pk"))
    return images.filter(~Exists(done)).order_by("pk")


def _proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("image", "run__model_version", "decided_by")


def image_proposals(*, image: Image) -> QuerySet[Proposal]:
    """The image's open proposals, the likeliest first."""
    return _proposals().filter(image=image, state=ProposalState.OPEN).order_by("-predicted_iou", "-id")


def project_proposals(*, project: Project, user: User) -> QuerySet[Proposal]:
    """Proposals on the images that `user` is shown as the project's."""
    images = images_listed(project=project, user=user).order_by().values("pk")
    return _proposals().filter(project=project, image__in=images)


def proposal_get(*, user: User, proposal_id: uuid.UUID) -> Proposal:
    """One proposal. Raises NotFound `proposal.not_found`, also for those who are not shown its image."""
    images = images_visible(user=user).order_by().values("pk")
    proposal = _proposals().filter(pk=proposal_id, image__in=images).first()
    if proposal is None:
        raise NotFound("There is no such proposal.", "proposal.not_found")
    return proposal


def confidences(*, proposals: QuerySet[Proposal]) -> dict[str, Any]:
    """How many there are by predicted IoU and state, in `BINS` bins from 0 to 1; the outermost hold what is beyond."""
    place = Cast(Floor(F("predicted_iou") * BINS), IntegerField())
    rows = proposals.order_by().annotate(place=place).values("place", "state").annotate(count=Count("pk"))
    bins: list[dict[str, Any]] = [
        {"least": number / BINS, **dict.fromkeys(ProposalState.values, 0)} for number in range(BINS)
    ]
    for row in rows:
        bins[min(max(row["place"], 0), BINS - 1)][row["state"]] += row["count"]
    total = sum(one[state] for one in bins for state in ProposalState.values)
    return {"total": total, "bins": bins}
