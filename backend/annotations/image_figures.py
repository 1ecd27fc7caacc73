"""What one image adds to the sums of annotated images: a function of its masks' rows alone, so that counting anew finds
the same."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Min

from backend.annotations.models import Mask
from backend.projects.models import Project

# The model a mask is of, if of any, and when it was made; of several masks of one model the first says as much.
Made = tuple[int | None, datetime]


def masks_made(image_id: int, *, without: Collection[uuid.UUID] = ()) -> list[Made]:
    """The first mask of each model on the image, and the first without one; as if some masks were not there."""
    masks = Mask.objects.filter(image=image_id).exclude(pk__in=without).order_by()
    return list(masks.values_list("model_version").annotate(Min("created_at")))


def image_figures(project_id: int, made: Iterable[Made]) -> list[dict[str, Any]]:
    """What `tallies.families.IMAGES` counts of an image with these masks: it is one of each model that gave some, since
    the day of that one's first, and one of no model only where no model gave any."""
    first: dict[int | None, datetime] = {}
    for model_id, at in made:
        first[model_id] = min(at, first.get(model_id, at))
    if len(first) > 1:
        first.pop(None, None)
    return [
        {
            "project_id": project_id,
            "day": at.astimezone(UTC).date(),
            "model_version_id": model_id,
            "annotated_images": 1,
        }
        for model_id, at in first.items()
    ]


def images_figures(project: Project) -> Iterator[dict[str, Any]]:
    """The same of all images of the project, summed up, in the order of days."""
    masks = Mask.objects.filter(image__project=project, image__original=None).order_by("image")
    rows = masks.values_list("image", "model_version").annotate(Min("created_at"))
    sums: Counter[tuple[Any, int | None]] = Counter()
    for _, found in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0)):
        for figures in image_figures(project.pk, (row[1:] for row in found)):
            sums[figures["day"], figures["model_version_id"]] += 1
    for (day, model_id), count in sorted(sums.items(), key=lambda one: one[0][0]):
        yield {
            "project_id": project.pk,
            "day": day,
            "model_version_id": model_id,
            "annotated_images": count,
        }
