from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, Max, Q, QuerySet, Sum

from backend.common.errors import NotFound
from backend.projects.models import Membership, Project
from backend.quality.check_selectors import checkable_mask_count
from backend.quality.merging import Group, majority_label, majority_pixels
from backend.quality.models import (
    ConsensusImage,
    ConsensusRound,
    GroundTruth,
    GroundTruthScore,
    PairAgreement,
    QualitySettings,
    Replica,
)
from backend.quality.resolving import Drawn, drawn_on
from backend.quality.sampling import images_free
from backend.users.models import User

State = ConsensusImage.State


def round_list(*, project: Project) -> QuerySet[ConsensusRound]:
    """The project's rounds, the newest first, with the number of their images by state and their mean agreement."""
    return _with_figures(ConsensusRound.objects.filter(project=project))


def round_get(*, user: User, round_id: int) -> ConsensusRound:
    """One round. Raises NotFound `consensus.not_found`, also for those who are not members of its project."""
    rounds = _with_figures(ConsensusRound.objects.filter(pk=round_id)).select_related("project")
    found = rounds.filter(project__memberships__user=user).first()
    if found is None:
        raise NotFound("There is no such round.", "consensus.not_found")
    return found


def _with_figures(rounds: QuerySet[ConsensusRound]) -> QuerySet[ConsensusRound]:
    counts: dict[str, Any] = {
        f"{state}_count": Count("images", filter=Q(images__state=state)) for state in State.values
    }
    means: dict[str, Any] = {
        f"mean_{name}": Avg(f"images__{name}") for name in ("mean_iou", "f1", "label_agreement")
    }
    figures = rounds.annotate(**counts, **means)
    return figures.select_related("created_by", "closed_by").order_by("-pk")


def annotators_of(*, rounds: list[ConsensusRound]) -> dict[int, list[User]]:
    """By round: who labels its images. One query."""
    rows = Replica.objects.filter(consensus_image__round__in=rounds, image__annotator__isnull=False)
    pairs = list(rows.order_by().values_list("consensus_image__round", "image__annotator").distinct())
    people = User.objects.in_bulk({user_id for _, user_id in pairs})
    found: dict[int, list[User]] = {row.pk: [] for row in rounds}
    for round_id, user_id in sorted(pairs):
        found[round_id].append(people[user_id])
    return found


def round_images(*, consensus_round: ConsensusRound) -> QuerySet[ConsensusImage]:
    """The round's images with how many have them and how many submitted, oldest first."""
    images = ConsensusImage.objects.filter(round=consensus_round)
    return _with_counts(images).select_related("image", "resolved_by", "picked").order_by("pk")


def _with_counts(images: QuerySet[ConsensusImage]) -> QuerySet[ConsensusImage]:
    submitted = Q(replicas__image__work__status="submitted")
    return images.annotate(
        annotator_count=Count("replicas"), submitted_count=Count("replicas", filter=submitted)
    )


def consensus_image_get(*, user: User, consensus_image_id: int) -> ConsensusImage:
    """One image of a round. Raises NotFound `consensus.not_found`, also for those who are not members of its project."""
    rows = _with_counts(ConsensusImage.objects.filter(pk=consensus_image_id))
    found = (
        rows.filter(round__project__memberships__user=user)
        .select_related("image__project", "image__work", "round", "resolved_by", "picked")
        .first()
    )
    if found is None:
        raise NotFound("There is no such image in a round.", "consensus.not_found")
    return found


@dataclass(frozen=True)
class Merged:
    """A group and what merging it would make."""

    group: Group
    is_kept: bool
    counts: str | None
    label_id: int | None


@dataclass(frozen=True)
class ConsensusDetail:
    """All that is needed to resolve an image."""

    row: ConsensusImage
    replicas: list[Replica]
    drawn: Drawn
    pairs: list[PairAgreement]
    merged: list[Merged]
    previous_id: int | None
    next_id: int | None

    @property
    def masks_of(self) -> Mapping[int, list[Any]]:
        """By annotator."""
        found: dict[int, list[Any]] = {}
        for pk, annotator in self.drawn.author_of.items():
            found.setdefault(annotator, []).append(self.drawn.masks[pk])
        return found


def consensus_detail(*, row: ConsensusImage) -> ConsensusDetail:
    """Who drew what, how it agrees, and what a merge would be. A fixed number of queries."""
    drawn = drawn_on(row)
    size = {"height": row.image.height, "width": row.image.width}
    merged = []
    for group in drawn.groups:
        shapes = drawn.shapes(group)
        counts = majority_pixels([shape.counts for shape in shapes], **size)
        merged.append(Merged(group, drawn.is_kept(group), counts, majority_label(shapes)))
    replicas = row.replicas.filter(image__annotator__isnull=False).select_related(
        "image__annotator", "image__work"
    )
    others = ConsensusImage.objects.filter(round=row.round_id)
    return ConsensusDetail(
        row=row,
        replicas=list(replicas.order_by("image__annotator")),
        drawn=drawn,
        pairs=list(PairAgreement.objects.filter(consensus_image=row)),
        merged=merged,
        previous_id=others.filter(pk__lt=row.pk).order_by("-pk").values_list("pk", flat=True).first(),
        next_id=others.filter(pk__gt=row.pk).order_by("pk").values_list("pk", flat=True).first(),
    )


def truth_list(*, project: Project) -> QuerySet[GroundTruth]:
    """The project's ground truths with how often they were handed out and scored, and how they were met."""
    truths = GroundTruth.objects.filter(project=project).select_related("image__work", "marked_by")
    return truths.annotate(
        handed_out=Count("image__replicas", filter=Q(image__replicas__quality__kind="ground_truth")),
        scored=Count("image__replicas__truth_score"),
        mean_f1=Avg("image__replicas__truth_score__f1"),
        mean_iou=Avg("image__replicas__truth_score__mean_iou"),
    ).order_by("pk")


def score_list(*, project: Project) -> QuerySet[GroundTruthScore]:
    """What annotators reached, the newest first."""
    scores = GroundTruthScore.objects.filter(project=project)
    return scores.select_related("annotator", "replica").order_by("-pk")


def quality_settings(*, project: Project) -> dict[str, int]:
    """What was chosen, and of how much: ground truths there are, images that are free for a round."""
    chosen = QualitySettings.objects.filter(project=project).first()
    return {
        "ground_truth_rate": chosen.ground_truth_rate if chosen else 0,
        "ground_truth_count": GroundTruth.objects.filter(project=project).count(),
        "free_image_count": images_free(project=project).count(),
        "checkable_mask_count": checkable_mask_count(project=project),
    }


@dataclass
class PersonFigures:
    """How one person's masks agree with others' and with the truth; None for what nothing is known of."""

    user: User
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    n: int = 0
    truth: Mapping[str, Any] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        self.n += row["n"]
        for name in _MEANS:
            self.sums[name] = self.sums.get(name, 0.0) + (row[f"{name}_sum"] or 0.0)
            self.counts[name] = self.counts.get(name, 0) + row[f"{name}_count"]

    def mean(self, name: str) -> float | None:
        return self.sums[name] / self.counts[name] if self.counts.get(name) else None


_MEANS = ("mean_iou", "f1", "label_agreement")


def agreement_by_person(*, project: Project) -> list[PersonFigures]:
    """Of every member of whom something is known, by their names. Five queries for any number of rows."""
    people = {
        member.user_id: PersonFigures(member.user)
        for member in Membership.objects.filter(project=project).select_related("user")
    }
    pairs = PairAgreement.objects.filter(consensus_image__round__project=project).order_by()
    sums: dict[str, Any] = {f"{name}_sum": Sum(name) for name in _MEANS}
    counts: dict[str, Any] = {f"{name}_count": Count(name) for name in _MEANS}
    for side in ("first", "second"):
        for row in pairs.values(side).annotate(n=Count("pk"), **sums, **counts):
            if row[side] in people:
                people[row[side]].add(row)
    scores = GroundTruthScore.objects.filter(project=project).order_by().values("annotator")
    for row in scores.annotate(
        n=Count("pk"),
        truth_iou=Avg("mean_iou"),
        truth_recall=Avg("recall"),
        truth_precision=Avg("precision"),
        truth_f1=Avg("f1"),
        latest=Max("at"),
    ):
        if row["annotator"] in people:
            people[row["annotator"]].truth = row
    known = [person for person in people.values() if person.n or person.truth]
    return sorted(known, key=lambda person: str(person.user))
