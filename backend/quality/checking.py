"""What a checker corrected, compared in the request that submits, and the figures of a check."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q, Sum
from pycocotools import mask as coco_mask

from backend.annotations.models import Mask, MaskRevision
from backend.annotations.revisions import changed_between
from backend.quality.check_models import CheckedImage, CheckedMask, QualityCheck
from backend.quality.intervals import Share, wilson
from backend.work.models import Status, WorkItem

State = CheckedImage.State
BINS: Final = 20
_FIGURES: Final = (
    "iou_sum",
    "above_90",
    "above_75",
    "redrawn",
    "relabelled",
    "deleted",
    "added",
)


@dataclass(frozen=True)
class Correction:
    """A copy as it was made, and as its checker left it; None where they deleted it."""

    row: CheckedMask
    before: Mask | MaskRevision | None
    after: Mask | None

    @property
    def changed(self) -> list[str]:
        """Names of the fields in which the two differ."""
        if self.before is None or self.after is None or self.before is self.after:
            return []
        return changed_between(self.before, self.after)


def corrections(*, row: CheckedImage, replica_id: int) -> tuple[list[Correction], list[Mask]]:
    """What became of each copied mask, and the masks that were added. Three queries for any number of masks."""
    now = {mask.pk: mask for mask in Mask.objects.filter(image=replica_id).order_by("created_at", "pk")}
    first = {
        revision.mask_id: revision
        for revision in MaskRevision.objects.filter(image=replica_id, revision=1).order_by("pk")
    }
    lineage = list(CheckedMask.objects.filter(checked_image=row).order_by("pk"))
    found = [
        Correction(one, first.get(one.copy_id) or now.get(one.copy_id), now.get(one.copy_id))
        for one in lineage
    ]
    copies = {one.copy_id for one in lineage}
    return found, [mask for pk, mask in now.items() if pk not in copies]


@transaction.atomic
def check_refresh(*, item: WorkItem, checked_image_id: int) -> None:
    """Brings a check's image up to what its replica is now: submitted, with its figures, or not. Call it in the
    transaction that submitted it, or took it back."""
    rows = CheckedImage.objects.select_for_update(of=("self",), no_key=True).select_related("image")
    row = rows.filter(pk=checked_image_id).first()
    if row is None or row.state not in (State.OPEN, State.SUBMITTED):
        return
    for name in _FIGURES:
        setattr(row, name, 0)
    row.histogram = []
    if item.status == Status.SUBMITTED:
        row.state = State.SUBMITTED
        _compare(row, item.pk)
    else:
        row.state = State.OPEN
        CheckedMask.objects.filter(checked_image=row).update(iou=None)
    row.save()


def _compare(row: CheckedImage, replica_id: int) -> None:
    found, added = corrections(row=row, replica_id=replica_id)
    for one in found:
        one.row.iou = _iou(one, [row.image.height, row.image.width])
        row.redrawn += "segmentation" in one.changed
        row.relabelled += "label" in one.changed
        row.deleted += one.after is None
    CheckedMask.objects.bulk_update([one.row for one in found], ["iou"], batch_size=500)
    ious = [one.row.iou or 0.0 for one in found]
    row.iou_sum = sum(ious)
    row.above_90, row.above_75 = (sum(iou > least for iou in ious) for least in (0.9, 0.75))
    row.histogram = histogram(ious)
    row.added = len(added)


def _iou(one: Correction, size: list[int]) -> float:
    if one.before is None or one.after is None:
        return 0.0
    if one.before.counts == one.after.counts:
        return 1.0
    before, after = ({"size": size, "counts": mask.counts.encode()} for mask in (one.before, one.after))
    return float(coco_mask.iou([after], [before], [0])[0][0])


def histogram(values: Iterable[float]) -> list[int]:
    """How many of the values, from 0 to 1, lie in each of the bins; 1 in the last one."""
    bins = [0] * BINS
    for value in values:
        bins[min(int(value * BINS), BINS - 1)] += 1
    return bins


@dataclass(frozen=True)
class CheckFigures:
    """Of what was submitted: `above_90` and `above_75` are the shares of masks whose IoU before and after is more."""

    images: int
    masks: int
    mean_iou: float
    above_90: Share
    above_75: Share
    histogram: list[int]
    redrawn: int
    relabelled: int
    deleted: int
    added: int
    # Images whose checker had made the masks.
    own_images: int


def figures_of(*, checks: Sequence[QualityCheck]) -> dict[int, CheckFigures | None]:
    """By check; None until an image with masks is submitted. Two queries, of the rows of images alone."""
    rows = CheckedImage.objects.filter(
        of_check__in=checks, state__in=(State.SUBMITTED, State.APPLIED)
    ).order_by()
    histograms: dict[int, list[int]] = {}
    for check_id, one in rows.values_list("of_check", "histogram"):
        sums = histograms.get(check_id, [0] * BINS)
        histograms[check_id] = [sum(pair) for pair in zip(sums, one or [0] * BINS, strict=True)]
    sums_of: dict[str, Any] = {name: Sum(name) for name in (*_FIGURES, "mask_count")}
    summed = rows.values("of_check").annotate(
        images=Count("pk"), own_images=Count("pk", filter=Q(is_own=True)), **sums_of
    )
    found: dict[int, CheckFigures | None] = dict.fromkeys(check.pk for check in checks)
    for row in summed:
        found[row["of_check"]] = _figures(row, histograms[row["of_check"]])
    return found


def _figures(sums: Mapping[str, Any], histogram: list[int]) -> CheckFigures | None:
    masks = sums["mask_count"]
    above_90, above_75 = (wilson(sums[name], masks) for name in ("above_90", "above_75"))
    if above_90 is None or above_75 is None:
        return None
    names = ("images", "own_images", "redrawn", "relabelled", "deleted", "added")
    return CheckFigures(
        masks=masks,
        mean_iou=sums["iou_sum"] / masks,
        above_90=above_90,
        above_75=above_75,
        histogram=histogram,
        **{name: sums[name] for name in names},
    )
