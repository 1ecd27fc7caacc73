"""Agreement kept as people submit: computed once, in the request that submits, and read from rows afterwards."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from statistics import fmean
from typing import Any

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.quality.agreement import Agreement, Shape, agreement
from backend.quality.models import (
    ConsensusImage,
    GroundTruth,
    GroundTruthScore,
    PairAgreement,
)
from backend.work.models import Status, WorkItem
from backend.work.statuses import work_locked

State = ConsensusImage.State


def shapes_of(image_ids: Iterable[int]) -> dict[int, list[Shape]]:
    """The masks of these images, by image, in the order they were made."""
    found: dict[int, list[Shape]] = {pk: [] for pk in image_ids}
    rows = Mask.objects.filter(image__in=found).order_by("created_at", "pk")
    for image_id, mask_id, label_id, counts in rows.values_list("image", "pk", "label", "counts"):
        found[image_id].append(Shape(mask_id, label_id, counts))
    return found


def consensus_refresh(*, consensus_image_id: int, is_closed: bool = False) -> None:
    """Brings the agreement of a round's image up to what is submitted now, and its state. Call it in the transaction
    that changed who has submitted; what is resolved stays as it is.

    The row is held first: of two who submit at once, the second compares with the first.
    """
    row = ConsensusImage.objects.select_for_update(of=("self",), no_key=True).select_related("image", "round")
    found = row.filter(pk=consensus_image_id).first()
    if found is None or found.state not in (State.OPEN, State.READY):
        return
    replicas = list(
        Image.objects.filter(quality__consensus_image=found, annotator__isnull=False)
        .order_by("annotator")
        .values_list("annotator", "pk", "work__status")
    )
    submitted = {annotator: pk for annotator, pk, status in replicas if status == Status.SUBMITTED}
    _pairs_refresh(found, submitted)
    is_over = is_closed or found.round.closed_at is not None
    if replicas and len(submitted) == len(replicas):
        found.state = State.READY
    elif is_over and not replicas:
        found.state = State.RELEASED
        release(found.image_id)
    else:
        found.state = State.OPEN
    found.save(update_fields=["state", "mean_iou", "f1", "label_agreement"])


def release(image_id: int) -> WorkItem:
    """The original is nobody's, to be worked on like any other; its row is held."""
    item = work_locked(image_id=image_id)
    item.hold = ""
    item.save(update_fields=["hold"])
    return item


def _pairs_refresh(found: ConsensusImage, submitted: Mapping[int, int]) -> None:
    """Pairs of which one is withdrawn go, new ones are compared. Masks of submitted replicas do not change."""
    kept = PairAgreement.objects.filter(consensus_image=found)
    kept.exclude(first__in=submitted, second__in=submitted).delete()
    known = set(kept.values_list("first", "second"))
    missing = [pair for pair in combinations(sorted(submitted), 2) if pair not in known]
    if missing:
        shapes = shapes_of({submitted[person] for pair in missing for person in pair})
        PairAgreement.objects.bulk_create(
            _pair(found, first, second, shapes[submitted[first]], shapes[submitted[second]])
            for first, second in missing
        )
    rows = list(kept.values_list("mean_iou", "f1", "label_agreement"))
    found.mean_iou, found.f1, found.label_agreement = (
        mean_of(row[place] for row in rows) for place in range(3)
    )


def _pair(
    found: ConsensusImage, first: int, second: int, one: list[Shape], other: list[Shape]
) -> PairAgreement:
    compared = agreement(one, other, height=found.image.height, width=found.image.width)
    return PairAgreement(
        consensus_image=found,
        first_id=first,
        second_id=second,
        first_count=compared.first_count,
        second_count=compared.second_count,
        matches=[
            [str(one[match.first].id), str(other[match.second].id), round(match.iou, 6)]
            for match in compared.matches
        ],
        **_figures(compared),
    )


def truth_score(*, replica: Image) -> None:
    """Scores what was submitted against the truth; the score of an earlier try is replaced. Nothing is known of an
    image that is no truth any more."""
    if replica.original_id is None or not GroundTruth.objects.filter(pk=replica.original_id).exists():
        return
    shapes = shapes_of([replica.original_id, replica.pk])
    compared = agreement(
        shapes[replica.original_id], shapes[replica.pk], height=replica.height, width=replica.width
    )
    GroundTruthScore.objects.update_or_create(
        replica=replica,
        defaults={
            "project_id": replica.project_id,
            "annotator_id": replica.annotator_id,
            "truth_count": compared.first_count,
            "mask_count": compared.second_count,
            **_figures(compared),
        },
    )


def _figures(compared: Agreement) -> dict[str, Any]:
    names = ("matched", "mean_iou", "precision", "recall", "f1", "label_agreement")
    return {name: getattr(compared, name) for name in names}


def mean_of(values: Iterable[float | None]) -> float | None:
    """The mean of those that are known; None where none is."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
