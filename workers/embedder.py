"""One claimed batch, from stored pictures to stored embeddings; every row ends in an outcome of its own."""

import logging
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import PIL.Image

from backend.common.errors import ApplicationError, NotFound
from backend.common.storage import file_open
from backend.embeddings.models import Embedding
from backend.embeddings.selectors import embedding_display_key
from backend.embeddings.services import embedding_fail, embedding_store
from models.sam.errors import ModelError
from workers.runtime import runtime

logger = logging.getLogger("anymask.embedder")

# Decoded samples held at once, three per pixel: four photographs of 24 megapixels, or one of the largest
# allowed.
_MAX_SAMPLES: Final = 3 * 96_000_000


@dataclass(frozen=True)
class Failure:
    """Why a row has no embedding. A permanent one would fail again with the same picture and model."""

    code: str
    message: str
    is_permanent: bool


def embed_batch(*, claim: str, rows: list[Embedding]) -> None:
    """Computes and stores the embeddings of claimed rows of one model version.

    A picture that cannot be read or computed fails alone. Raises only when the database does.
    """
    version = rows[0].model_version
    try:
        runtime().prepare(version.name, version.version)
    except ModelError as error:
        failure = Failure("embedding.model_unavailable", f"{version}: {error.message}", is_permanent=True)
        for row in rows:
            _fail(row, claim, failure)
        return
    waiting: list[tuple[Embedding, np.ndarray]] = []
    for row in rows:
        outcome = _picture(row)
        if isinstance(outcome, Failure):
            _fail(row, claim, outcome)
            continue
        waiting.append((row, outcome))
        if sum(picture.size for _, picture in waiting) >= _MAX_SAMPLES:
            _compute(claim, waiting)
            waiting = []
    if waiting:
        _compute(claim, waiting)


def _compute(claim: str, pictures: list[tuple[Embedding, np.ndarray]]) -> None:
    # The estimate of the time left is made of these seconds; loading the model happens once and is not in
    # them.
    started = time.perf_counter()
    outcomes = _embed(pictures[0][0], [picture for _, picture in pictures])
    seconds = (time.perf_counter() - started) / len(pictures)
    for (row, _), result in zip(pictures, outcomes, strict=True):
        if isinstance(result, Failure):
            _fail(row, claim, result)
        else:
            _store(row, claim, result, seconds)


def _picture(row: Embedding) -> np.ndarray | Failure:
    """The upright picture as uint8 RGB [H, W, 3]."""
    key = embedding_display_key(embedding=row)
    if key is None:
        return Failure("embedding.image_deleted", "The image was deleted.", is_permanent=True)
    try:
        # The server accepted these pixels once, within its limits; Pillow's own limit is lower.
        PIL.Image.MAX_IMAGE_PIXELS = None
        with file_open(key) as file, PIL.Image.open(file) as image:
            return np.asarray(image.convert("RGB"))
    except NotFound as error:
        return Failure("embedding.image_missing", error.message, is_permanent=True)
    except Exception as error:
        # Storage clients and decoders raise from open sets; which of them it was stands in the log.
        logger.exception("picture_unreadable key=%s", key)
        return Failure(
            "embedding.image_unreadable", f"The picture cannot be read: {error}", is_permanent=False
        )


def _embed(row: Embedding, pictures: list[np.ndarray]) -> list[np.ndarray | Failure]:
    """All pictures in one batch; one by one when the batch fails, so that only the culprit does."""
    version = row.model_version
    try:
        return [_checked(result) for result in runtime().embed(version.name, version.version, pictures)]
    except Exception as error:
        logger.exception("batch_failed size=%s", len(pictures))
        if len(pictures) == 1:
            return [
                Failure("embedding.compute_failed", f"{type(error).__name__}: {error}", is_permanent=False)
            ]
        return [_embed(row, [picture])[0] for picture in pictures]


def _checked(result: np.ndarray) -> np.ndarray | Failure:
    if np.isfinite(result).all():
        return result
    message = "The model answered with numbers outside the range of float16."
    return Failure("embedding.not_finite", message, is_permanent=True)


def _store(row: Embedding, claim: str, result: np.ndarray, seconds: float) -> None:
    content = np.ascontiguousarray(result, "<f2").tobytes()
    try:
        embedding_store(embedding=row, claim=claim, content=content, seconds=seconds)
    except ApplicationError as error:
        _fail(row, claim, Failure(error.code, error.message, is_permanent=False))
    except OSError as error:
        message = f"The embedding could not be written: {error}"
        _fail(row, claim, Failure("embedding.storage", message, is_permanent=False))


def _fail(row: Embedding, claim: str, failure: Failure) -> None:
    embedding_fail(
        embedding=row,
        claim=claim,
        code=failure.code,
        message=failure.message,
        is_permanent=failure.is_permanent,
    )
