"""How well a model answers clicks on accepted masks: image by image, each stored in one transaction.

The model is taken for a few masks at a time, so that pictures that wait for their embeddings get their turn between.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from backend.annotations.models import Mask
from backend.common.errors import Unavailable
from backend.embeddings.models import Embedding, ModelVersion
from backend.fairness.models import MEASURE, DrawnImage, FairnessReport, FirstClick
from backend.fairness.selectors import images_left, report_of
from backend.fairness.services import Score, masks_chosen, masks_draw, scores_store
from backend.fairness.table import report_csv
from backend.images.models import Image
from backend.jobs.context import JobContext
from backend.jobs.registry import handler_add
from models.sam.errors import ModelError
from workers.image_failures import looked
from workers.pictures import embedding_of, picture_of
from workers.runtime import runtime

if TYPE_CHECKING:
    from models.sam.predictor import EncodedImage

# The paper's: figures after the first and the third click (Segment Anything, section 6).
_CLICKS: Final = 3
# Of a portion's images so many rows are in memory.
_AT_ONCE: Final = 100
# Masks that are clicked together: so many, and fewer on large pictures, each of whose masks is a picture in size.
_TOGETHER: Final = 16
_PIXELS_TOGETHER: Final = 16_000_000


def measure(context: JobContext) -> dict[str, Any]:
    """The job. Images that an earlier attempt did are passed over."""
    report = report_of(job=context.job)
    version = report.model_version
    try:
        runtime().prepare(version.name, version.version)
    except ModelError as error:
        raise Unavailable(f"{version}: {error.message}", "embedding.model_unavailable") from error
    if report.drawn_at is None:
        chosen = masks_chosen(report=report, check=context.check)
        with context.holding():
            masks_draw(report=report, chosen=chosen)
        report.refresh_from_db()
    left = sum(len(mask_ids) for mask_ids in images_left(report=report).values_list("mask_ids", flat=True))
    done, last, failed = report.masks_drawn - left, 0, 0
    context.progress(done, report.masks_drawn)
    while drawn := list(images_left(report=report).filter(pk__gt=last).select_related("image")[:_AT_ONCE]):
        for one in drawn:
            last = one.pk
            look = partial(_scores, report, one, context.check)
            scores, error_code = looked(context, "fairness", one.image.file_name, look)
            with context.holding():
                scores_store(drawn_image=one, scores=scores or [], error_code=error_code)
            failed += bool(error_code)
            done += len(one.mask_ids)
            context.progress(done, report.masks_drawn)
    report.refresh_from_db()
    context.file_store(
        name=f"fairness-{report.pk}.csv", media_type="text/csv", pieces=report_csv(report=report)
    )
    context.log(
        f"{report.masks_measured:,} masks of {report.images_done:,} images measured; "
        f"{failed:,} images could not be looked at."
    )
    return {"report": report.pk, "masks": report.masks_measured, "images": report.images_done}


def _scores(report: FairnessReport, drawn: DrawnImage, check: Callable[[], None]) -> list[Score]:
    """Of the drawn masks that are still there, as they are now."""
    from models.sam.evaluation.clicking import clicked
    from models.sam.rle import decode

    image, version = drawn.image, report.model_version
    rows = Mask.objects.filter(pk__in=drawn.mask_ids, image=image).order_by("pk")
    masks = list(rows.values_list("pk", "revision", "counts"))
    if not masks:
        return []
    encoded = _encoded(image, version)
    together = max(1, min(_TOGETHER, _PIXELS_TOGETHER // (image.width * image.height)))
    scores: list[Score] = []
    for start in range(0, len(masks), together):
        check()
        batch = masks[start : start + together]
        targets = [decode({"size": [image.height, image.width], "counts": counts}) for *_, counts in batch]
        first = [
            _first_click(report, mask_id.int, target)
            for (mask_id, *_), target in zip(batch, targets, strict=True)
        ]
        with runtime().turn(version.name, version.version) as predictor:
            found = clicked(predictor, targets, first, _CLICKS, image=encoded)
        scores += [
            Score(mask_id, revision, float(found.history[0][place]), float(found.history[-1][place]))
            for place, (mask_id, revision, _) in enumerate(batch)
        ]
    return scores


def _first_click(report: FairnessReport, mask_number: int, target: np.ndarray) -> tuple[int, int]:
    """(x, y), the same whenever this report comes to this mask."""
    from models.sam.evaluation.clicks import farthest_point, random_point

    if report.first_click == FirstClick.CENTRE:
        return farthest_point(target)[0]
    return random_point(target, np.random.default_rng([report.seed, mask_number]))


def _encoded(image: Image, version: ModelVersion) -> EncodedImage:
    """From the embedding that is stored of it, in whichever project it was made, else from its pixels."""
    row = Embedding.objects.filter(image_sha256=image.sha256, model_version=version, window="").first()
    embedding = embedding_of(row, version)
    pixels = picture_of(image) if embedding is None else None
    with runtime().turn(version.name, version.version) as predictor:
        if embedding is not None:
            return predictor.encoded_as(embedding, (image.height, image.width))
        assert pixels is not None
        return predictor.encode([pixels])[0]


def subscribe() -> None:
    """Called once, where jobs are done."""
    handler_add(MEASURE, measure)
