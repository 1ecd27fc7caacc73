"""Models of this process: loaded on first use, kept while they are used, one computation at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from django.conf import settings

if TYPE_CHECKING:
    from models.sam.predictor import SamPredictor

logger = logging.getLogger("anymask.runtime")

# Bytes of memory that loading a model and computing with it takes, for each of its parameters: float32 twice while its
# file is read, and about as much again for what is between its layers.
BYTES_PER_PARAMETER: Final = 12


@dataclass(frozen=True)
class Computing:
    """On what and how: `settings.DEVICE`, `ENCODER_PRECISION` and `ENCODER_COMPILE`."""

    device: str = "cpu"
    precision: str = "float32"
    compile_mode: str = "off"


class Runtime:
    """Models by artifact, the last few used, as many as memory holds and `capacity` at most. Safe to call from several
    threads; they take turns."""

    def __init__(self, models_dir: Path, computing: Computing, capacity: int) -> None:
        self._models_dir = models_dir
        self._computing = computing
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
            self._make_room(name, version)
            self._predictors[key] = self._load(name, version)
        self._predictors.move_to_end(key)
        return self._predictors[key]

    def _make_room(self, name: str, version: str) -> None:
        """Before loading: two large models at once may not fit. The last one goes too, where memory is that short."""
        from models.sam.manifest import read_manifest
        from models.sam.memory import free_memory, memory_return

        needed = BYTES_PER_PARAMETER * read_manifest(self._models_dir / name / version).parameters
        device = self._computing.device
        while self._predictors and (len(self._predictors) >= self._capacity or free_memory(device) < needed):
            dropped, _ = self._predictors.popitem(last=False)
            memory_return(device)
            logger.info("model_dropped model=%s@%s", *dropped)

    def _load(self, name: str, version: str) -> SamPredictor:
        from models.sam.artifact import load_artifact
        from models.sam.precision import precision_of
        from models.sam.predictor import SamPredictor

        started = time.monotonic()
        device = self._computing.device
        dtype = precision_of(self._computing.precision, device)
        predictor = SamPredictor(load_artifact(self._models_dir / name / version, device), dtype)
        if self._computing.compile_mode != "off":
            try:
                predictor.compile_encoder(self._computing.compile_mode)
            except Exception:
                # No C++ compiler, or something of the model that it does not know: slower, but the same answers.
                logger.exception("compile_failed model=%s@%s", name, version)
        seconds = time.monotonic() - started
        logger.info(
            "model_loaded model=%s@%s device=%s dtype=%s seconds=%.1f", name, version, device, dtype, seconds
        )
        return predictor


@lru_cache(maxsize=1)
def runtime() -> Runtime:
    """This process's models."""
    computing = Computing(settings.DEVICE, settings.ENCODER_PRECISION, settings.ENCODER_COMPILE)
    return Runtime(Path(settings.MODELS_DIR), computing, settings.MODEL_CACHE_SIZE)
