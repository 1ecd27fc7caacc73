"""Vectors of a project's masks: image by image, each stored in one transaction.

They are made of the embeddings that are there, so that no encoder runs, and no model is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pycocotools import mask as coco_mask

from backend.annotations.models import Mask
from backend.common.errors import NotFound
from backend.images.models import Image
from backend.jobs.context import JobContext, Level
from backend.jobs.registry import handler_add
from backend.likeness.models import MASK_VECTORS
from backend.likeness.selectors import images_ready, masks_ready
from backend.likeness.services import Made, vectors_store
from workers.pictures import encoded_image

if TYPE_CHECKING:
    from models.sam.predictor import EncodedImage


def vectors_make(context: JobContext) -> dict[str, Any]:
    """The job. It is done when every mask has a vector whose image is embedded; what an earlier attempt made stays."""
    project = context.job.project
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    encoder_id = project.model.encoder_id
    ready = masks_ready(project=project, encoder_id=encoder_id)
    total, done, made, unreadable = ready.count(), 0, 0, 0
    context.progress(0, total)
    for image_id in images_ready(
        project=project, encoder_id=encoder_id, first=context.job.params.get("image")
    ):
        image = Image.objects.filter(pk=image_id).first()
        masks = list(ready.filter(image=image_id).only("pk", "revision", "counts"))
        done += len(masks)
        encoded = None if image is None else encoded_image(image, encoder_id=encoder_id)
        if image is None or encoded is None:
            if image is not None:
                unreadable += len(masks)
                context.log(f"{image.file_name}: its embedding cannot be read.", Level.WARNING)
            continue
        vectors = list(_vectors(context, encoded, masks))
        with context.holding():
            made += vectors_store(image=image, encoder_id=encoder_id, made=vectors)
        context.progress(done, max(done, total))
    context.progress(done, done)
    context.log(f"{made:,} masks looked at, {unreadable:,} on images whose embeddings cannot be read.")
    return {"masks": made, "unreadable": unreadable}


def _vectors(context: JobContext, encoded: EncodedImage, masks: Sequence[Mask]) -> Iterator[Made]:
    from models.sam.mask_embedding import embedding_under_mask

    height, width = encoded.original_size
    for mask in masks:
        context.check()
        pixels = coco_mask.decode({"size": [height, width], "counts": mask.counts.encode()})
        vector = embedding_under_mask(encoded, pixels.astype(bool))
        yield Made(mask.pk, mask.revision, vector.astype("<f2").tobytes())


def subscribe() -> None:
    """Called once, where jobs are done."""
    handler_add(MASK_VECTORS, vectors_make)
