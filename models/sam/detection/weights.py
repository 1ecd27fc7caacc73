"""A detector's file: safetensors, whose header says what to build and for which model's embeddings it learned."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from models.sam.detection.network import ObjectDetector
from models.sam.errors import ModelError
from models.sam.training.export import half_weights, write_weights

KIND = "object detector 1"


def save_detector(
    detector: ObjectDetector, path: Path, *, model: str, quality: Mapping[str, float] | None = None
) -> None:
    """Writes it as float16. `model`: name@version whose embeddings it reads; `quality`: what it was measured at."""
    header = {
        "kind": KIND,
        "model": model,
        "channels": str(detector.channels),
        "width": str(detector.width),
        "levels": str(detector.levels),
        "quality": json.dumps(dict(quality or {})),
    }
    write_weights(half_weights(detector.state_dict()), path, header)


def load_detector(path: Path, device: str | torch.device = "cpu") -> ObjectDetector:
    """The detector in the file, in eval mode. ModelError `detector.unreadable`."""
    with _opened(path) as (file, header):
        detector = ObjectDetector(*(int(header[name]) for name in ("channels", "width", "levels")))
        names = file.keys()
        detector.load_state_dict({name: file.get_tensor(name).float() for name in names})
    return detector.to(device).eval()


def detector_quality_noted(path: Path) -> dict[str, float]:
    """What the file says its detector was measured at. ModelError `detector.unreadable`."""
    with _opened(path) as (_, header):
        return dict(json.loads(header["quality"]))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("kind") != KIND:
                raise ModelError("detector.unreadable", f"{path.name} holds no detector of this kind.")
            yield file, header
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise ModelError("detector.unreadable", f"{path.name} cannot be read: {error}.") from error
