"""What one mask adds to the sums of masks: a function of its row alone, so that counting anew finds the same."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC
from typing import Any, Final

from django.db.models import QuerySet

from backend.annotations.models import Mask

# Classes of size: their lower edges as areas in pixels, each three times the one before. COCO's 32² and 96² are two of
# them. Class 0 begins at 32².
_COCO_SMALL: Final = 32**2
_FIRST: Final = -4
_EDGES: Final = [_COCO_SMALL * 3.0**place for place in range(_FIRST, 9)]
SIZES: Final = range(_FIRST - 1, _FIRST + len(_EDGES))

# In millionths.
IOU_UNITS: Final = 1_000_000

# What is read of a row; `figures_of` takes it.
COLUMNS: Final = (
    "image__project_id",
    "created_at",
    "author_id",
    "label_id",
    "stage",
    "model_version_id",
    "area",
    "seconds_spent",
    "prompts",
    "model_iou",
)


def size_class(area: int) -> int:
    """Which of `SIZES` an area in pixels falls into."""
    return bisect_right(_EDGES, area) + SIZES.start


def size_edges(size: int) -> tuple[float, float | None]:
    """The square roots of a class's smallest area and of the next one's, in pixels; None for the last class."""
    place = size - SIZES.start
    lower = _EDGES[place - 1] ** 0.5 if place else 0.0
    return lower, _EDGES[place] ** 0.5 if place < len(_EDGES) else None


def mask_figures(mask: Mask) -> dict[str, Any]:
    """What `tallies.families.MASKS` counts of a mask that is saved."""
    values = [mask.image.project_id, *(getattr(mask, name) for name in COLUMNS[1:])]
    return figures_of(*values)


def masks_figures(masks: QuerySet[Mask]) -> Iterator[dict[str, Any]]:
    """The same of many, read in pieces."""
    for values in masks.values_list(*COLUMNS).iterator(chunk_size=5000):
        yield figures_of(*values)


def figures_of(*values: Any) -> dict[str, Any]:
    """The figures of a row's `COLUMNS`."""
    project_id, created_at, author_id, label_id, stage, model_id, area, seconds, prompts, iou = values
    is_compared = model_id is not None and iou is not None
    is_timed = seconds > 0
    clicks = len(prompts.get("points", ())) + (prompts.get("box") is not None)
    return {
        "project_id": project_id,
        "day": created_at.astimezone(UTC).date(),
        "author_id": author_id,
        "label_id": label_id,
        "stage": stage,
        "model_version_id": model_id,
        "size": size_class(area),
        "masks": 1,
        "milliseconds": round(seconds * 1000),
        "clicks": clicks,
        "model_masks": int(model_id is not None),
        "compared_masks": int(is_compared),
        "untouched_masks": int(is_compared and iou == 1),
        "iou_millionths": round(iou * IOU_UNITS) if is_compared else 0,
        "timed_masks": int(is_timed),
        "timed_clicks": clicks if is_timed else 0,
    }
