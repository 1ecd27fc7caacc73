"""Which masks lie over which."""

from collections.abc import Sequence
from typing import Final

from pycocotools import mask as coco_mask

# Masks with at least this intersection over union are the same thing; the annotator's page says the same.
SAME_THING: Final = 0.7


def covered_by(counts: Sequence[str], others: Sequence[str], *, height: int, width: int) -> list[bool]:
    """Of each mask whether one of `others` is the same thing. All are compressed counts of one image's size."""
    if not counts or not others:
        return [False] * len(counts)
    some, rest = (
        [{"size": [height, width], "counts": one.encode()} for one in masks] for masks in (counts, others)
    )
    # [len(counts), len(others)]; compared as objects, not as crowds.
    ious = coco_mask.iou(some, rest, [0] * len(rest))
    return [bool(row.max() >= SAME_THING) for row in ious]
