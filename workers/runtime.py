"""The models in memory: one per process behind a lock, the least recently used one leaves. torch comes with
the first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np

    from models.sam.predictor import SamPredictor

logger = logging.getLogger("anymask.runtime")


class Runtime:
    """Image encoders by artifact. Safe to call from several threads; they take turns."""

    def __init__(self, models_dir: Path, device: str, capacity: int) -> None:
        self._models_dir = models_dir
        self._device = device
        self._capacity = max(1, capacity)
        self._predictors: OrderedDict[tuple[str, str], SamPredictor] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, name: str, version: str) -> None:
        """Loads the model if it is not in memory, so that the next `embed` only computes. Raises
        ModelError.
        """
        with self._lock:
            self._predictor(name, version)

    def embed(self, name: str, version: str, images: list[np.ndarray]) -> list[np.ndarray]:
        """Embeddings float16 [1, C, E, E], one per uint8 RGB image [H, W, 3], in one batch.

        Raises models.sam.errors.ModelError when the artifact is missing or damaged, RuntimeError from the
        encoder (torch.OutOfMemoryError among them).
        """
        with self._lock:
            encoded = self._predictor(name, version).encode(images)
            return [item.embedding.half().cpu().numpy() for item in encoded]

    def _predictor(self, name: str, version: str) -> SamPredictor:
        key = (name, version)
        if key not in self._predictors:
            self._predictors[key] = self._load(name, version)
        self._predictors.move_to_end(key)
        while len(self._predictors) > self._capacity:
            dropped, _ = self._predictors.popitem(last=False)
            logger.info("model_dropped model=%s@%s", *dropped)
        return self._predictors[key]

    def _load(self, name: str, version: str) -> SamPredictor:
        from models.sam.artifact import load_artifact
        from models.sam.predictor import SamPredictor

        started = time.perf_counter()
        predictor = SamPredictor(load_artifact(self._models_dir / name / version, self._device))
        seconds = time.perf_counter() - started
        logger.info("model_loaded model=%s@%s device=%s seconds=%.1f", name, version, self._device, seconds)
        return predictor


@lru_cache(maxsize=1)
def runtime() -> Runtime:
    """This process's models."""
    return Runtime(settings.MODELS_DIR, settings.DEVICE, settings.MODEL_CACHE_SIZE)
