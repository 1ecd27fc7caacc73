"""A model's ONNX graphs in the web process: sessions, images prepared for them, and what they answer as JSON.

onnxruntime is imported on first use. Whatever runs a graph holds `GRAPH_LOCK`.
"""

import base64
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from backend.common.errors import Conflict
from backend.common.storage import file_read
from backend.embeddings.models import Embedding, ModelVersion

# One request at a time per process: a second decode beside the first would only make both slower.
GRAPH_LOCK = threading.Lock()


def graphs_check(version: ModelVersion) -> None:
    """Raises Conflict `model.no_graphs` for a model that cannot decode."""
    if not version.has_graphs:
        raise Conflict(f"{version} must be exported and registered again.", "model.no_graphs")


# Two models, with four graphs each where they read words, and the text encoder that they share.
@lru_cache(maxsize=9)
def session_of(key: str) -> Any:
    """The graph stored under `key`, in onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file_read(key), options, providers=["CPUExecutionProvider"])


def graph_run(key: str, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """All outputs of a graph by name."""
    session = session_of(key)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def image_prepared(embedding: Embedding) -> dict[str, np.ndarray]:
    """What the graph `prepare` answers for an embedding, by the names under which the graph `click` takes it."""
    version = embedding.model_version
    return _prepared(version.prepare_key, embedding.file_key, tuple(version.manifest["embedding_shape"]))


def embedding_values(file_key: str, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers of an embedding's file, float32 of `shape`."""
    return np.frombuffer(file_read(file_key), "<f2").reshape(shape).astype(np.float32)


def masks_answered(version: ModelVersion, click_key: str, feeds: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What a click's graph answers to its feeds: iou_predictions (4 numbers), low_res_masks (base64 of little-endian
    float32 [4, L, L]) and low_res_size."""
    answer = graph_run(click_key, feeds)
    masks = np.ascontiguousarray(answer["low_res_masks"][0], "<f4")
    return {
        "iou_predictions": [float(score) for score in answer["iou_predictions"][0]],
        "low_res_masks": base64.b64encode(masks.tobytes()).decode("ascii"),
        "low_res_size": list(version.manifest["low_res_size"]),
    }


# Six images: enough for a few people on weak browsers. Prepared tensors take 12 MiB an image at width 256 and 6 for the
# default model.
@lru_cache(maxsize=6)
def _prepared(prepare_key: str, file_key: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    return graph_run(prepare_key, {"image_embeddings": embedding_values(file_key, shape)})
