"""Automatic masks of a project's images, as proposals: image by image, each stored in one transaction.

The embedding of the whole image is the one that browsers click on, where it is there; crops are encoded here. The model
is taken for one batch of points at a time, so that pictures that wait for their embeddings get their turn between.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from backend.common.errors import Unavailable
from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.jobs.context import JobContext
from backend.jobs.registry import handler_add
from backend.proposals.models import PROPOSE, ProposalRun, Source
from backend.proposals.selectors import images_left, run_of
from backend.proposals.storing import Found, images_counted, proposals_store
from models.sam.errors import ModelError
from workers.detecting import masks_detected
from workers.image_failures import looked
from workers.pictures import embedding_of, picture_of
from workers.runtime import Runtime, runtime

if TYPE_CHECKING:
    import torch

    from models.sam.mask_generation.network import NetworkCrop, NetworkDecoder
    from models.sam.predictor import SamPredictor

# Of a portion's images so many rows are in memory.
_AT_ONCE: Final = 100


def propose(context: JobContext) -> dict[str, Any]:
    """The job. Images that an earlier attempt did are passed over."""
    run = run_of(job=context.job)
    with context.holding():
        done, total = images_counted(run=run)
    context.progress(done, total)
    version = run.model_version
    try:
        runtime().prepare(version.name, version.version)
    except ModelError as error:
        raise Unavailable(f"{version}: {error.message}", "embedding.model_unavailable") from error
    decoder = PatientDecoder(runtime(), version)
    last, made, failed = 0, 0, 0
    while images := list(_images(run, after=last)):
        for image in images:
            last = image.pk
            context.progress(done, max(done, total))
            look = partial(_generated, run, image, decoder, lambda *_: context.check())
            found, error_code = looked(context, "proposal", image.file_name, look)
            with context.holding():
                row = proposals_store(run=run, image=image, found=found or [], error_code=error_code)
            if row is not None:
                done += 1
                made += row.open
                failed += bool(error_code)
    with context.holding():
        done, _ = images_counted(run=run, is_over=True)
    context.progress(done, done)
    context.log(
        f"{made:,} proposals of this attempt; {done:,} images done, {failed:,} could not be looked at."
    )
    return {"run": run.pk, "images": done, "proposals": run.proposals.count()}


def _images(run: ProposalRun, *, after: int) -> Any:
    return images_left(run=run).filter(pk__gt=after).select_related("embedding__model_version")[:_AT_ONCE]


def _generated(
    run: ProposalRun, image: Image, decoder: PatientDecoder, advance: Callable[[int, int], None]
) -> list[Found]:
    """What the run's settings find in the picture as people are shown it."""
    from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings, records_of

    pixels = picture_of(image)
    row: Any = image.embedding
    decoder.embedding = embedding_of(row, run.model_version)
    settings = GeneratorSettings(**run.settings)
    boxed = masks_detected(decoder, pixels, settings) if run.source != Source.GRID else None
    if run.source == Source.DETECTOR and boxed is not None:
        records = records_of(boxed, (pixels.shape[0], pixels.shape[1]), settings)
    else:
        others = {} if boxed is None else {"others": boxed}
        records = AutomaticMaskGenerator(decoder).generate(pixels, settings, advance, **others)
    return [
        Found(
            counts=record["segmentation"]["counts"],
            predicted_iou=record["predicted_iou"],
            stability_score=record["stability_score"],
            point=(record["point_coords"][0][0], record["point_coords"][0][1]),
            crop_box=(
                record["crop_box"][0],
                record["crop_box"][1],
                record["crop_box"][2],
                record["crop_box"][3],
            ),
        )
        for record in records
    ]


class PatientDecoder:
    """A `PointDecoder` of a model that others use as well: it takes the model for each step and gives it back.

    `embedding`, of the picture that is looked at next, spares encoding its first crop, which is all of it.
    """

    def __init__(self, models: Runtime, version: ModelVersion) -> None:
        self._models, self.version = models, (version.name, version.version)
        self._network: NetworkDecoder | None = None
        self.embedding: np.ndarray | None = None
        self.mask_threshold = float(version.manifest["mask_threshold"])

    def look_at(self, crop: np.ndarray) -> PatientCrop:
        """Raises ModelError."""
        from models.sam.mask_generation.network import NetworkDecoder

        embedding, self.embedding = self.embedding, None
        with self.turn() as predictor:
            network = self._network
            if network is None or network.predictor is not predictor:
                # Loaded anew, as others needed its room. What a decoder keeps of a model takes a moment to make.
                network = self._network = NetworkDecoder(predictor)
            if embedding is None:
                return PatientCrop(self, network.look_at(crop))
            size = crop.shape[0], crop.shape[1]
            return PatientCrop(self, network.prepare(predictor.encoded_as(embedding, size)))

    def turn(self) -> AbstractContextManager[SamPredictor]:
        """The model, for one computation."""
        return self._models.turn(*self.version)


class PatientCrop:
    """A `CropDecoder`."""

    def __init__(self, decoder: PatientDecoder, crop: NetworkCrop) -> None:
        self._decoder, self._crop = decoder, crop
        self.usual_batch = crop.usual_batch

    def decode(self, points: np.ndarray) -> PatientAnswers:
        with self._decoder.turn():
            return PatientAnswers(self._decoder, self._crop.decode(points))


class PatientAnswers:
    """`DecodedPoints`."""

    def __init__(self, decoder: PatientDecoder, answers: Any) -> None:
        self._decoder, self._answers = decoder, answers
        self.iou_predictions: torch.Tensor = answers.iou_predictions

    def choose(self, numbers: torch.Tensor) -> None:
        with self._decoder.turn():
            self._answers.choose(numbers)

    def logits(self, numbers: torch.Tensor) -> torch.Tensor:
        with self._decoder.turn():
            logits: torch.Tensor = self._answers.logits(numbers)
            return logits


def subscribe() -> None:
    """Called once, where jobs are done."""
    handler_add(PROPOSE, propose)
