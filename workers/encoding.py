"""Computes a claimed batch: pictures in, float16 files out. Each row succeeds or fails on its own."""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image

from backend.common.errors import ApplicationError
from backend.common.storage import file_read
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.selectors import embedding_display_key
from backend.embeddings.services import embedding_fail, embedding_store
from backend.images.pixels import upright_rgb
from models.sam.errors import ModelError
from workers.runtime import MODELS, artifact_folder


@dataclass(frozen=True)
class Problem:
    """Why one embedding could not be computed, and whether trying again may help."""

    code: str
    message: str
    is_permanent: bool


def batch_encode(*, claim: str, embeddings: Sequence[Embedding]) -> None:
    """Stores or fails every row of the claim. All rows are of one model version."""
    pictures: list[tuple[Embedding, np.ndarray]] = []
    for embedding in embeddings:
        picture = _picture(embedding)
        if isinstance(picture, Problem):
            _fail(claim, embedding, picture)
        else:
            pictures.append((embedding, picture))
    if pictures:
        _encode(claim, pictures)


def _encode(claim: str, pictures: list[tuple[Embedding, np.ndarray]]) -> None:
    started = time.monotonic()
    try:
        arrays = _arrays(pictures[0][0].model_version, [pixels for _, pixels in pictures])
    except ModelError as error:
        for embedding, _ in pictures:
            _fail(claim, embedding, Problem(error.code, str(error), is_permanent=False))
        return
    except (RuntimeError, MemoryError) as error:
        # Out of memory is the common one: alone, each picture may still fit, and a bad one fails alone.
        if len(pictures) > 1:
            for pair in pictures:
                _encode(claim, [pair])
        else:
            _fail(claim, pictures[0][0], Problem("embedding.compute_failed", str(error), is_permanent=False))
        return
    seconds = (time.monotonic() - started) / len(pictures)
    for (embedding, _), array in zip(pictures, arrays, strict=True):
        if np.isfinite(array).all():
            content = np.ascontiguousarray(array).tobytes()
            embedding_store(embedding=embedding, claim=claim, content=content, seconds=seconds)
        else:
            problem = Problem("embedding.not_finite", "The model's answer does not fit float16.", True)
            _fail(claim, embedding, problem)


def _arrays(version: ModelVersion, pictures: list[np.ndarray]) -> list[np.ndarray]:
    """float16 little-endian [1, C, E, E] for each RGB uint8 [H, W, 3] picture."""
    with MODELS.lock:
        encoded = MODELS.predictor(artifact_folder(version.name, version.version)).encode(pictures)
    with np.errstate(over="ignore"):
        return [item.embedding.float().cpu().numpy().astype("<f2") for item in encoded]


def _picture(embedding: Embedding) -> np.ndarray | Problem:
    """The upright picture, RGB uint8 [H, W, 3]."""
    key = embedding_display_key(embedding=embedding)
    if key is None:
        return Problem("embedding.image_deleted", "The image was deleted.", True)
    try:
        with PIL.Image.open(io.BytesIO(file_read(key))) as image:
            return np.asarray(upright_rgb(image))
    except ApplicationError as error:
        return Problem(error.code, error.message, is_permanent=False)
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        return Problem("embedding.image_unreadable", f"The stored image cannot be read: {error}", True)


def _fail(claim: str, embedding: Embedding, problem: Problem) -> None:
    embedding_fail(
        embedding=embedding,
        claim=claim,
        code=problem.code,
        message=problem.message,
        is_permanent=problem.is_permanent,
    )
