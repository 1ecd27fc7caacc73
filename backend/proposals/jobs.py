"""The two jobs: the run itself, which the workers know how to do, and one decision about many proposals."""

from collections import Counter
from typing import Any, Final

from django.db.models import QuerySet

from backend.annotations.judging import Named
from backend.common.errors import InvalidInput, NotFound
from backend.jobs.context import JobContext, Level
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, Params, kind_add
from backend.projects.models import Project
from backend.proposals.deciding import Decider, Decision
from backend.proposals.deciding_serializers import DecideParamsSerializer
from backend.proposals.filters import ProposalFilter
from backend.proposals.models import PROPOSE, Proposal, ProposalState, Stage
from backend.proposals.selectors import project_proposals
from backend.users.models import User

DECIDE: Final = "decide_proposals"
# As the pages call them.
_STAGES: Final = {Stage.SEMI_AUTOMATIC.value: "stage 2", Stage.FULLY_AUTOMATIC.value: "stage 3"}
_TITLES: Final = {
    Decision.ACCEPT: "Accept proposals",
    Decision.REJECT: "Reject proposals",
    Decision.REOPEN: "Reopen proposals",
}


def not_here(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `proposal.start_elsewhere`."""
    raise InvalidInput("A run is started at projects/{id}/proposal-runs/.", "proposal.start_elsewhere")


def decide_checked(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `input.invalid`, `mask.label`."""
    data = DecideParamsSerializer(data=params)
    data.is_valid(raise_exception=True)
    values = data.validated_data
    Named(project.pk).label(values.get("label_id"))
    chosen = {name: str(value) if name == "job" else value for name, value in values["filter"].items()}
    kept = {"decision": values["decision"], "filter": chosen}
    return kept | ({"label": values["label_id"]} if "label_id" in values else {})


def matching(*, project: Project, user: User, decision: str, chosen: dict[str, Any]) -> QuerySet[Proposal]:
    """Those a decision is about: of what the filter holds, what is open; for `reopen` what was rejected, or, where the
    filter names a state or a job, what that holds."""
    filtered = ProposalFilter(chosen, project_proposals(project=project, user=user))
    # A filter that cannot be read is passed over by its library, and everything would be decided about.
    assert filtered.is_valid(), filtered.errors
    proposals = filtered.qs
    if decision != Decision.REOPEN:
        return proposals.filter(state=ProposalState.OPEN)
    if "job" in chosen or "state" in chosen:
        return proposals.filter(state__in=[ProposalState.ACCEPTED, ProposalState.REJECTED])
    return proposals.filter(state=ProposalState.REJECTED)


def decide(context: JobContext) -> dict[str, Any]:
    """Decides image by image, so that what is killed goes on with those that are left: what was decided does not match
    any more."""
    project, actor, params = context.job.project, context.job.created_by, context.job.params
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    if actor is None:
        raise NotFound("Whoever asked for it is gone, and with them what they are shown.", "job.no_person")
    label = Named(project.pk).label(params.get("label"))
    decider = Decider(actor, Decision(params["decision"]), label, context.job)
    wanted = matching(project=project, user=actor, decision=params["decision"], chosen=params["filter"])
    mine = Proposal.objects.filter(project=project, decided_in=context.job)
    before = mine.count()
    images = list(wanted.order_by("image").values_list("image", flat=True).distinct())
    total = before + wanted.count()
    done, refusals = before, Counter[str]()
    for image_id in images:
        context.progress(done, total)
        with context.holding():
            ids = list(wanted.filter(image=image_id).values_list("pk", flat=True))
            results = decider.image_decide(image_id=image_id, ids=ids)
        done += len(ids)
        refusals.update(result.error.code for result in results if result.error)
    context.progress(done, max(done, total))
    decided = mine.count()
    context.log(f"{decided:,} proposals decided, {refusals.total():,} refused.")
    for code, count in refusals.most_common():
        context.log(f"{count:,} refused: {code}", Level.WARNING)
    return {
        "decision": params["decision"],
        "decided": decided,
        "refused": refusals.total(),
        "refusals": dict(refusals),
    }


def _run_title(params: Params) -> str:
    return f"Proposals, {_STAGES[params['stage']]}"


def _title(params: Params) -> str:
    return _TITLES.get(params["decision"], "Decide about proposals")


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=PROPOSE,
            title="Proposals",
            unit="images",
            check=not_here,
            queue=Job.Queue.GPU,
            title_of=_run_title,
        )
    )
    kind_add(
        JobKind(
            name=DECIDE,
            title="Decide about proposals",
            unit="proposals",
            check=decide_checked,
            title_of=_title,
        ),
        decide,
    )
