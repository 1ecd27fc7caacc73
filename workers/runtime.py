"""Models of this process: loaded on first use, kept while they are used, one computation at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

if TYPE_CHECKING:
    from models.sam.predictor import SamPredictor

logger = logging.getLogger("anymask.runtime")


class Runtime:
    """Image encoders by artifact, the last few used. Safe to call from several threads; they take turns."""

    def __init__(self, models_dir: Path, device: str, capacity: int) -> None:
        self._models_dir = models_dir
        self._device = device
        self._capacity = max(1, capacity)
        self._predictors: OrderedDict[tuple[str, str], SamPredictor] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def loaded(self) -> list[tuple[str, str]]:
        """(name, version) of the models in memory, the least recently used one first."""
        return list(self._predictors)

    def prepare(self, name: str, version: str) -> None:
        """Loads the model if it is not in memory, so that the next `embed` only computes. Raises ModelError."""
        with self._lock:
            self._predictor(name, version)

    def embed(self, name: str, version: str, pictures: list[np.ndarray]) -> list[np.ndarray]:
        """Embeddings, little-endian float16 [1, C, E, E], one per uint8 RGB picture [H, W, 3], in one batch.

        Numbers outside float16's range come as infinities. Raises ModelError when the artifact is missing or damaged,
        RuntimeError from the encoder (torch.OutOfMemoryError among them).
        """
        with self._lock:
            encoded = self._predictor(name, version).encode(pictures)
        with np.errstate(over="ignore"):
            return [item.embedding.float().cpu().numpy().astype("<f2") for item in encoded]

    @contextmanager
    def turn(self, name: str, version: str) -> Iterator[SamPredictor]:
        """`with` it: the model is the caller's alone for one computation, to be kept short. Raises ModelError."""
        with self._lock:
            yield self._predictor(name, version)

    def _predictor(self, name: str, version: str) -> SamPredictor:
        key = (name, version)
        if key not in self._predictors:
            # Room is made first: two large models at once may not fit.
            while len(self._predictors) >= self._capacity:
                dropped, _ = self._predictors.popitem(last=False)
                logger.info("model_dropped model=%s@%s", *dropped)
            self._predictors[key] = self._load(name, version)
        self._predictors.move_to_end(key)
        return self._predictors[key]

    def _load(self, name: str, version: str) -> SamPredictor:
        from models.sam.artifact import load_artifact
        from models.sam.predictor import SamPredictor

        started = time.monotonic()
        predictor = SamPredictor(load_artifact(self._models_dir / name / version, self._device))
        seconds = time.monotonic() - started
        logger.info("model_loaded model=%s@%s device=%s seconds=%.1f", name, version, self._device, seconds)
        return predictor


@lru_cache(maxsize=1)
def runtime() -> Runtime:
    """This process's models."""
    return Runtime(Path(settings.MODELS_DIR), settings.DEVICE, settings.MODEL_CACHE_SIZE)
