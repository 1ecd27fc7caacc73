"""What became of proposals, written down; how many are in which state follows. Whoever calls this holds the image's
work, so that no two write of one image at once."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Count
from django.utils import timezone

from backend.annotations.models import Mask
from backend.jobs.models import Job
from backend.proposals.models import Outcome, Proposal, ProposalState, ProposedImage
from backend.users.models import User

_COUNTED = ("open", "untouched", "fixed", "rejected", "superseded")


def proposals_accepted(*, image_id: int, masks: Sequence[Mask], editor: User) -> None:
    """Masks of the image were saved: those that are proposals are accepted, untouched or fixed."""
    rows = {row.pk: row for row in _rows(image_id, [mask.pk for mask in masks])}
    changed = []
    for mask in masks:
        row = rows.get(mask.pk)
        if row is None:
            continue
        outcome = Outcome.UNTOUCHED if mask.model_iou == 1 else Outcome.FIXED
        if row.state != ProposalState.ACCEPTED:
            row.accepted_revision = mask.revision
            _decide(row, ProposalState.ACCEPTED, editor, None)
        elif row.outcome == outcome:
            continue
        row.outcome = outcome
        changed.append(row)
    _save(image_id, changed)


def proposals_withdrawn(*, image_id: int, mask_ids: Iterable[uuid.UUID], editor: User) -> None:
    """Masks of the image were deleted: those that were proposals are rejected."""
    rows = [row for row in _rows(image_id, mask_ids) if row.state == ProposalState.ACCEPTED]
    for row in rows:
        _decide(row, ProposalState.REJECTED, editor, None)
    _save(image_id, rows)


def proposals_mark(
    *, image_id: int, rows: Sequence[Proposal], state: ProposalState, actor: User, job: Job | None = None
) -> None:
    """Gives the image's proposals a state by hand: rejected, or open again."""
    for row in rows:
        _decide(row, state, actor, job)
    _save(image_id, rows)


def proposals_supersede(*, image_id: int, before_run: int) -> None:
    """Nobody decided about those of earlier runs, and now there are newer ones."""
    rows = Proposal.objects.filter(image=image_id, run__lt=before_run, state=ProposalState.OPEN)
    runs = set(rows.order_by().values_list("run", flat=True))
    rows.update(state=ProposalState.SUPERSEDED)
    counts_refresh(image_id=image_id, run_ids=runs)


def counts_refresh(*, image_id: int, run_ids: Iterable[int]) -> None:
    """Counts the image's proposals of these runs anew; they are few."""
    wanted = set(run_ids)
    if not wanted:
        return
    rows = Proposal.objects.filter(image=image_id, run__in=wanted).order_by()
    counts = {run_id: Counter[str]() for run_id in wanted}
    for run_id, state, outcome, count in rows.values_list("run", "state", "outcome").annotate(Count("pk")):
        counts[run_id][outcome or state] += count
    for run_id, found in counts.items():
        ProposedImage.objects.filter(run=run_id, image=image_id).update(
            **{name: found[name] for name in _COUNTED}
        )


def _rows(image_id: int, ids: Iterable[uuid.UUID]) -> list[Proposal]:
    return list(Proposal.objects.filter(image=image_id, pk__in=list(ids)).defer("counts").order_by("pk"))


def _decide(row: Proposal, state: ProposalState, actor: User, job: Job | None) -> None:
    is_open = state == ProposalState.OPEN
    row.state, row.outcome = state, ""
    row.decided_by = None if is_open else actor
    row.decided_at = None if is_open else timezone.now()
    # Also where it was taken back, so that this can be taken back as well.
    row.decided_in = job
    if state != ProposalState.ACCEPTED:
        row.accepted_revision = None


def _save(image_id: int, rows: Sequence[Proposal]) -> None:
    if not rows:
        return
    fields = ["state", "outcome", "decided_by", "decided_at", "decided_in", "accepted_revision"]
    Proposal.objects.bulk_update(rows, fields, batch_size=200)
    counts_refresh(image_id=image_id, run_ids={row.run_id for row in rows})
