"""Runs the model's two graphs in the web process, for browsers that cannot. onnxruntime is imported on first use."""

import base64
import threading
from functools import lru_cache
from typing import Any

import numpy as np

from backend.common.errors import Conflict, InvalidInput
from backend.common.storage import file_read
from backend.embeddings.models import Embedding

# One request at a time per process: a second decode beside the first would only make both slower.
_lock = threading.Lock()


def embedding_decode(
    *,
    embedding: Embedding,
    point_coords: list[list[float]],
    point_labels: list[int],
    mask_input: str | None,
) -> dict[str, Any]:
    """Mask logits for prompts in the model frame.

    `mask_input` is base64 of float32 [1, 1, L, L] or None. Returns iou_predictions (4 numbers), low_res_masks (base64
    of little-endian float32 [4, L, L]) and low_res_size. Raises InvalidInput `decode.mask_input` and Conflict
    `model.no_graphs`.
    """
    version = embedding.model_version
    if not version.has_graphs:
        raise Conflict(f"{version} must be exported and registered again.", "model.no_graphs")
    rows, columns = version.manifest["low_res_size"]
    mask = _mask_array(mask_input, rows, columns)
    feeds = {
        "point_coords": np.asarray([point_coords], np.float32),
        "point_labels": np.asarray([point_labels], np.float32),
        "mask_input": mask,
        "has_mask_input": np.asarray([0.0 if mask_input is None else 1.0], np.float32),
    }
    with _lock:
        shape = tuple(version.manifest["embedding_shape"])
        feeds |= _prepared(version.prepare_key, embedding.file_key, shape)
        scores, masks = _session(version.click_key).run(["iou_predictions", "low_res_masks"], feeds)
    return {
        "iou_predictions": [float(score) for score in scores[0]],
        "low_res_masks": base64.b64encode(np.ascontiguousarray(masks[0], "<f4").tobytes()).decode("ascii"),
        "low_res_size": [rows, columns],
    }


def _mask_array(encoded: str | None, rows: int, columns: int) -> np.ndarray:
    if encoded is None:
        return np.zeros((1, 1, rows, columns), np.float32)
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        # Letters beyond ASCII are a plain one, the rest its subclass binascii.Error.
        raise InvalidInput("mask_input is not base64.", "decode.mask_input") from error
    if len(content) != rows * columns * 4:
        raise InvalidInput(
            f"mask_input holds {len(content)} bytes, not {rows * columns * 4}.", "decode.mask_input"
        )
    mask = np.frombuffer(content, "<f4").reshape(1, 1, rows, columns)
    if not np.isfinite(mask).all():
        raise InvalidInput("mask_input holds numbers that are not finite.", "decode.mask_input")
    return mask.astype(np.float32)


# Two models and six images: enough for a few people on weak browsers. Prepared tensors take 12 MiB an image at width
# 256 and 6 for the default model.
@lru_cache(maxsize=4)
def _session(key: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file_read(key), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=6)
def _prepared(prepare_key: str, file_key: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """What the graph `prepare` answers for an embedding, by the names under which the graph `click` takes it."""
    session = _session(prepare_key)
    embedding = np.frombuffer(file_read(file_key), "<f2").reshape(shape).astype(np.float32)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"image_embeddings": embedding}), strict=True))
