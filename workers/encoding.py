"""Computes a claimed batch: pictures in, float16 files out. Each row succeeds or fails on its own.

While the encoder looks at some pictures, the next ones are read, decoded and brought to its size.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

import numpy as np
import PIL.Image
from django.conf import settings
from django.db import DatabaseError

from backend.common.errors import ApplicationError, NotFound
from backend.common.storage import file_open, file_read
from backend.embeddings.models import Embedding
from backend.embeddings.selectors import embedding_display_key, embedding_twin
from backend.embeddings.services import embedding_fail, embedding_store
from backend.embeddings.windows import Window
from backend.images.pixels import upright_rgb
from models.sam.errors import ModelError
from models.sam.transforms import resize_image
from workers.reading_ahead import read_ahead
from workers.runtime import runtime

logger = logging.getLogger("anymask.encoding")

# What a processor looks at in one batch: several small pictures share the reading of weights, large ones only wait for
# one another.
MAX_PIXELS_ON_CPU: Final = 1024 * 1024
# A GPU's worker claims this many batches: the next one is read meanwhile.
BATCHES_PER_CLAIM: Final = 2
READ_AHEAD: Final = 4

# At the encoder's size.
Picture = tuple[Embedding, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """Why one embedding could not be computed, and whether trying again may help."""

    code: str
    message: str
    is_permanent: bool


def claim_size() -> int:
    """How many images a worker takes at a time."""
    batches = BATCHES_PER_CLAIM if settings.DEVICE.startswith("cuda") else 1
    return batches * settings.EMBEDDING_BATCH_SIZE


def batch_encode(*, claim: str, embeddings: Sequence[Embedding]) -> None:
    """Stores or fails every row of the claim. All rows are of one model version. Raises only what the database does."""
    version = embeddings[0].model_version
    embeddings = [embedding for embedding in embeddings if not _copied(claim, embedding)]
    if not embeddings:
        return
    try:
        runtime().prepare(version.name, version.version)
    except ModelError as error:
        # Another worker may have the artifact, or somebody puts it here before the last attempt.
        logger.error("model_unavailable model=%s error=%s", version, error)
        problem = Problem("embedding.model_unavailable", f"{version}: {error.message}", is_permanent=False)
        for embedding in embeddings:
            _fail(claim, embedding, problem)
        return
    for pictures in _batches(claim, embeddings, version.manifest["image_size"]):
        # The estimate of the time left is made of these seconds; loading the model happens once and is not in them.
        started = time.monotonic()
        results = _results(pictures)
        seconds = (time.monotonic() - started) / len(pictures)
        for (embedding, _), result in zip(pictures, results, strict=True):
            if isinstance(result, Problem):
                _fail(claim, embedding, result)
            else:
                _store(claim, embedding, result, seconds)


def _copied(claim: str, embedding: Embedding) -> bool:
    """Stores what a model with the same image encoder made of the picture, if one did; whether it could."""
    started = time.monotonic()
    twin = embedding_twin(embedding=embedding)
    if twin is None:
        return False
    try:
        content = np.frombuffer(file_read(twin.file_key), "<f2")
    except Exception:
        # Whatever the storage says: it can be computed as well.
        logger.exception("twin_unreadable id=%s", twin.pk)
        return False
    _store(claim, embedding, content, time.monotonic() - started)
    return True


def _batches(claim: str, embeddings: Sequence[Embedding], side: int) -> Iterator[tuple[Picture, ...]]:
    """The pictures that can be read, as many as one batch of the encoder takes."""
    at_once = settings.EMBEDDING_BATCH_SIZE
    if settings.DEVICE == "cpu":
        at_once = max(1, min(at_once, MAX_PIXELS_ON_CPU // side**2))
    pictures = _readable(claim, embeddings, side)
    while batch := tuple(islice(pictures, at_once)):
        yield batch


def _readable(claim: str, embeddings: Sequence[Embedding], side: int) -> Iterator[Picture]:
    """Each picture that can be read; the others fail."""
    keyed = [(embedding, embedding_display_key(embedding=embedding)) for embedding in embeddings]
    for (embedding, _), picture in read_ahead(keyed, partial(_read, side), READ_AHEAD):
        if isinstance(picture, Problem):
            _fail(claim, embedding, picture)
        else:
            yield embedding, picture


def _read(side: int, keyed: tuple[Embedding, str | None]) -> np.ndarray | Problem:
    """The upright picture or the embedding's window of it, RGB uint8 [h, w, 3] with long side `side`."""
    embedding, key = keyed
    if key is None:
        return Problem("embedding.image_deleted", "The image was deleted.", is_permanent=True)
    try:
        with file_open(key) as file, PIL.Image.open(file) as image:
            pixels = np.asarray(upright_rgb(image))
        if embedding.window:
            window = Window.parse(embedding.window)
            pixels = pixels[window.y0 : window.y1, window.x0 : window.x1]
        # Of a large photograph nothing more is kept; the encoder finds nothing left to resize.
        return resize_image(pixels, side)
    except NotFound as error:
        return Problem("embedding.image_missing", error.message, is_permanent=True)
    except Exception as error:
        # Storage clients and decoders raise from open sets; which of them it was stands in the log.
        logger.exception("picture_unreadable key=%s", key)
        message = f"The stored image cannot be read: {error}"
        return Problem("embedding.image_unreadable", message, is_permanent=False)


def _results(pictures: Sequence[Picture]) -> list[np.ndarray | Problem]:
    """All pictures in one batch; one by one when the batch fails, so that only the culprit does."""
    version = pictures[0][0].model_version
    try:
        arrays = runtime().embed(version.name, version.version, [pixels for _, pixels in pictures])
    except Exception as error:
        # Out of memory is the common one: alone, each picture may still fit.
        logger.exception("batch_failed size=%s", len(pictures))
        if len(pictures) > 1:
            return [result for picture in pictures for result in _results([picture])]
        message = f"{type(error).__name__}: {error}"
        return [Problem("embedding.compute_failed", message, is_permanent=False)]
    return [_checked(array) for array in arrays]


def _checked(array: np.ndarray) -> np.ndarray | Problem:
    if np.isfinite(array).all():
        return array
    return Problem("embedding.not_finite", "The model's answer does not fit float16.", is_permanent=True)


def _store(claim: str, embedding: Embedding, array: np.ndarray, seconds: float) -> None:
    content = np.ascontiguousarray(array).tobytes()
    try:
        embedding_store(embedding=embedding, claim=claim, content=content, seconds=seconds)
    except ApplicationError as error:
        _fail(claim, embedding, Problem(error.code, error.message, is_permanent=False))
    except DatabaseError:
        raise
    except Exception as error:
        # A disk raises OSError, a bucket's client errors of its own.
        logger.exception("store_failed id=%s", embedding.pk)
        message = f"The embedding could not be written: {error}"
        _fail(claim, embedding, Problem("embedding.storage", message, is_permanent=False))


def _fail(claim: str, embedding: Embedding, problem: Problem) -> None:
    embedding_fail(
        embedding=embedding,
        claim=claim,
        code=problem.code,
        message=problem.message,
        is_permanent=problem.is_permanent,
    )
