"""What people decide about proposals, on one image or on many at once.

Each image is one transaction that holds its work: two who decide at once take turns, and the second finds what the first
did. Deciding about many images begins no work on any.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models, transaction

from backend.annotations.attributes import attribute_values
from backend.annotations.bulk import MaskDraft, masks_create
from backend.annotations.models import Mask
from backend.annotations.selectors import masks_current
from backend.annotations.writing import Writing
from backend.common.errors import ApplicationError, Conflict, NotFound
from backend.formats.rle import Region
from backend.images.models import Image
from backend.jobs.models import Job
from backend.projects.models import Label, Project
from backend.proposals.coverage import covered_by
from backend.proposals.marking import proposals_mark
from backend.proposals.models import Proposal, ProposalState
from backend.proposals.selectors import project_proposals
from backend.users.models import User
from backend.work.gate import image_check, image_hold, unfinished_check
from backend.work.models import WorkItem

State = ProposalState


class Decision(models.TextChoices):
    ACCEPT = "accept"
    REJECT = "reject"
    # Takes either back.
    REOPEN = "reopen"


@dataclass(frozen=True)
class Result:
    """What a proposal is now; whether this changed it; why it was refused."""

    id: uuid.UUID
    state: str | None
    outcome: str = ""
    is_decided: bool = False
    error: ApplicationError | None = None


@transaction.atomic
def image_decide(
    *, image: Image, actor: User, reject: Sequence[uuid.UUID], reopen: Sequence[uuid.UUID]
) -> list[Result]:
    """What somebody at work on an image said: open proposals become rejected, rejected ones open. Others stay as they
    are: a mask is taken back by deleting it. Raises what `image_hold` raises."""
    image_check(image=image, user=actor)
    rows = _rows(image, [*reject, *reopen])
    rejected = [rows[pk] for pk in dict.fromkeys(reject) if pk in rows and rows[pk].state == State.OPEN]
    reopened = [rows[pk] for pk in dict.fromkeys(reopen) if pk in rows and rows[pk].state == State.REJECTED]
    if rejected or reopened:
        # Whoever changes nothing has not begun to work on the image.
        image_hold(image=image, user=actor)
    proposals_mark(image_id=image.pk, rows=rejected, state=State.REJECTED, actor=actor)
    proposals_mark(image_id=image.pk, rows=reopened, state=State.OPEN, actor=actor)
    decided = {row.pk for row in (*rejected, *reopened)}
    return _results([*reject, *reopen], rows, decided, {})


def proposals_decide(*, project: Project, decider: "Decider", ids: Sequence[uuid.UUID]) -> list[Result]:
    """Decides about those of the project, image by image, in the order of the images' keys; a result for each, in the
    order they were named. What is refused on one image is done on the others."""
    found = project_proposals(project=project, user=decider.actor).filter(pk__in=ids)
    by_image: dict[int, list[uuid.UUID]] = {}
    for pk, image_id in found.order_by("image", "pk").values_list("pk", "image"):
        by_image.setdefault(image_id, []).append(pk)
    results: dict[uuid.UUID, Result] = {}
    for image_id, pks in by_image.items():
        results |= {result.id: result for result in decider.image_decide(image_id=image_id, ids=pks)}
    return [results.get(pk) or _missing(pk) for pk in ids]


@dataclass(frozen=True)
class Decider:
    """A decision about many proposals and who makes it. `label`: of the masks that are made; None for the run's, or
    none. `job`: in which it is made, if in one."""

    actor: User
    decision: Decision
    label: Label | None = None
    job: Job | None = None

    def image_decide(self, *, image_id: int, ids: Sequence[uuid.UUID]) -> list[Result]:
        """Decides about those on one image, in a transaction; a result for each. Where the image is not to be changed
        all are refused."""
        image = Image.objects.select_related("project").filter(pk=image_id).first()
        if image is None:
            return [_missing(pk) for pk in ids]
        try:
            with transaction.atomic():
                # Held, so that what is read now is so until it is changed.
                held = image_check(image=image, user=self.actor)
                rows = _rows(image, ids)
                decided, refused = self._decide(image, held, list(rows.values()))
                return _results(ids, _rows(image, ids), decided, refused)
        except ApplicationError as error:
            return _results(ids, _rows(image, ids), set(), dict.fromkeys(ids, error))

    def _decide(
        self, image: Image, held: WorkItem, rows: list[Proposal]
    ) -> tuple[set[uuid.UUID], dict[uuid.UUID, ApplicationError]]:
        """(ids of those that were changed, why others were refused)."""
        open_rows = [row for row in rows if row.state == State.OPEN]
        if self.decision == Decision.ACCEPT:
            return self._accept(image, held, open_rows)
        if self.decision == Decision.REJECT:
            self._mark(image, open_rows, State.REJECTED)
            return {row.pk for row in open_rows}, {}
        return self._reopen(image, held, rows)

    def _accept(
        self, image: Image, held: WorkItem, rows: list[Proposal]
    ) -> tuple[set[uuid.UUID], dict[uuid.UUID, ApplicationError]]:
        if not rows:
            return set(), {}
        unfinished_check(held)
        masks = list(Mask.objects.filter(image=image).order_by().values_list("counts", flat=True))
        counts = [row.counts for row in rows]
        covered = covered_by(counts, masks, height=image.height, width=image.width)
        refused: dict[uuid.UUID, ApplicationError] = {
            row.pk: Conflict("A mask that was made since lies over it.", "proposal.covered")
            for row, is_covered in zip(rows, covered, strict=True)
            if is_covered
        }
        accepted = [row for row in rows if row.pk not in refused]
        drafts = [self._draft(row) for row in accepted]
        # Whoever saves masks accepts their proposals: see `receivers`.
        masks_create(image=image, author=self.actor, drafts=drafts, revives=True, begins=False)
        Proposal.objects.filter(pk__in=[row.pk for row in accepted]).update(decided_in=self.job)
        return {row.pk for row in accepted}, refused

    def _draft(self, row: Proposal) -> MaskDraft:
        x, y, width, height = row.bbox
        label = self.label or row.run.label
        points = [[x_point, y_point, 1] for x_point, y_point in row.point_coords]
        return MaskDraft(
            id=row.pk,
            region=Region(counts=row.counts, bbox=(x, y, width, height), area=row.area),
            label=label,
            attributes=attribute_values(label=label, wanted={}),
            prompts={"points": points, "box": None, "candidate": 0},
            stage=row.run.stage,
            predicted_iou=row.predicted_iou,
            stability_score=row.stability_score,
            model_version=row.run.model_version,
        )

    def _reopen(
        self, image: Image, held: WorkItem, rows: list[Proposal]
    ) -> tuple[set[uuid.UUID], dict[uuid.UUID, ApplicationError]]:
        accepted = [row for row in rows if row.state == State.ACCEPTED]
        refused: dict[uuid.UUID, ApplicationError] = {}
        back = [row for row in rows if row.state == State.REJECTED]
        if accepted:
            unfinished_check(held)
            masks = masks_current(mask_ids=[row.pk for row in accepted])
            writing = Writing(image, self.actor, held)
            for row in accepted:
                mask = masks[row.pk]
                if mask.revision != row.accepted_revision:
                    refused[row.pk] = Conflict(
                        "Somebody changed its mask since. Delete that if it is none.", "proposal.mask_changed"
                    )
                    continue
                writing.delete(mask)
                back.append(row)
            writing.save()
        self._mark(image, back, State.OPEN)
        return {row.pk for row in back}, refused

    def _mark(self, image: Image, rows: list[Proposal], state: ProposalState) -> None:
        proposals_mark(image_id=image.pk, rows=rows, state=state, actor=self.actor, job=self.job)


def _rows(image: Image, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Proposal]:
    """Those of the image, the likeliest first: masks are made in this order."""
    rows = Proposal.objects.filter(image=image, pk__in=list(ids))
    rows = rows.select_related("run__model_version").prefetch_related("run__label__attributes")
    return {row.pk: row for row in rows.order_by("-predicted_iou", "pk")}


def _results(
    ids: Iterable[uuid.UUID],
    rows: dict[uuid.UUID, Proposal],
    decided: set[uuid.UUID],
    refused: dict[uuid.UUID, ApplicationError],
) -> list[Result]:
    return [
        Result(pk, rows[pk].state, rows[pk].outcome, pk in decided, refused.get(pk))
        if pk in rows
        else _missing(pk)
        for pk in dict.fromkeys(ids)
    ]


def _missing(pk: uuid.UUID) -> Result:
    error = NotFound("There is no such proposal here, or it is not shown to you.", "proposal.not_found")
    return Result(pk, None, error=error)
