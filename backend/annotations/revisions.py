"""Keeps the states that masks had. Called inside the transaction that gives a mask its next state, or deletes it."""

from collections.abc import Sequence
from typing import Any, Final

from backend.annotations.models import Mask, MaskRevision, MaskState, MaskTombstone

# Whose mask it is and which image it is on do not belong to a state: they never change.
STATE: Final = (
    "label_id",
    "z",
    "attributes",
    "counts",
    "bbox_x",
    "bbox_y",
    "bbox_width",
    "bbox_height",
    "area",
    "prompts",
    "model_version_id",
    "predicted_iou",
    "stability_score",
    "model_iou",
    "model_counts",
    "stage",
    "seconds_spent",
    "tool",
)
# What two states may differ in, by the names the API has for it. Box and area follow from the segmentation; the tool
# says how it came, not what changed.
_COMPARED: Final = {
    "label": "label_id",
    "z": "z",
    "attributes": "attributes",
    "segmentation": "counts",
    "prompts": "prompts",
    "model": "model_version_id",
    "predicted_iou": "predicted_iou",
    "stability_score": "stability_score",
    "stage": "stage",
    "seconds_spent": "seconds_spent",
}


def state_of(state: MaskState) -> dict[str, Any]:
    """Its fields by name, as a mask takes them."""
    return {name: getattr(state, name) for name in STATE}


def changed_between(before: MaskState, after: MaskState) -> list[str]:
    """Names of the fields in which two states of a mask differ."""
    return [
        name for name, field in _COMPARED.items() if _differ(getattr(before, field), getattr(after, field))
    ]


def replaced_keep(mask: Mask, *, followed_by: Mask) -> None:
    """Keeps the state that `mask` had before it became `followed_by`."""
    replaced_row(mask, followed_by=followed_by).save(force_insert=True)


def deleted_keep(mask: Mask, tombstone: MaskTombstone) -> None:
    """Keeps the last state of a mask that was deleted just now."""
    deleted_row(mask, tombstone).save(force_insert=True)


def replaced_row(mask: Mask, *, followed_by: Mask) -> MaskRevision:
    """What `replaced_keep` saves."""
    return _row(mask, changed_next=changed_between(mask, followed_by))


def deleted_row(mask: Mask, tombstone: MaskTombstone) -> MaskRevision:
    """What `deleted_keep` saves; the tombstone was saved before."""
    return _row(mask, deleted_by_id=tombstone.deleted_by_id, deleted_at=tombstone.deleted_at)


def revived_tell(masks: Sequence[Mask]) -> None:
    """Deleted masks came back: their last states learn in what the new ones differ."""
    came = {(mask.pk, mask.revision - 1): mask for mask in masks}
    rows = [
        row
        for row in MaskRevision.objects.filter(mask_id__in=[mask.pk for mask in masks])
        if (row.mask_id, row.revision) in came
    ]
    for row in rows:
        row.changed_next = changed_between(row, came[row.mask_id, row.revision])
    MaskRevision.objects.bulk_update(rows, ["changed_next"])


def _row(mask: Mask, **ending: Any) -> MaskRevision:
    return MaskRevision(
        mask_id=mask.pk,
        image_id=mask.image_id,
        revision=mask.revision,
        author_id=mask.author_id,
        made_by_id=mask.updated_by_id,
        made_at=mask.updated_at,
        **state_of(mask),
        **ending,
    )


def _differ(a: Any, b: Any) -> bool:
    """As JSON sees it: true is not 1, in attributes either."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() != b.keys() or any(_differ(a[key], b[key]) for key in a)
    return a != b or isinstance(a, bool) != isinstance(b, bool)
