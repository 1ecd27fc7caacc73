"""Runs the model's two graphs in the web process, for browsers that cannot."""

import base64
from typing import Any

import numpy as np

from backend.common.errors import InvalidInput
from backend.embeddings.graph_runs import GRAPH_LOCK, graphs_check, image_prepared, masks_answered
from backend.embeddings.models import Embedding


def embedding_decode(
    *,
    embedding: Embedding,
    point_coords: list[list[float]],
    point_labels: list[int],
    mask_input: str | None,
) -> dict[str, Any]:
    """Mask logits for prompts in the model frame.

    `mask_input` is base64 of float32 [1, 1, L, L] or None. Returns what `graph_runs.masks_answered` does. Raises
    InvalidInput `decode.mask_input` and Conflict `model.no_graphs`.
    """
    version = embedding.model_version
    graphs_check(version)
    rows, columns = version.manifest["low_res_size"]
    mask = _mask_array(mask_input, rows, columns)
    feeds = {
        "point_coords": np.asarray([point_coords], np.float32),
        "point_labels": np.asarray([point_labels], np.float32),
        "mask_input": mask,
        "has_mask_input": np.asarray([0.0 if mask_input is None else 1.0], np.float32),
    }
    with GRAPH_LOCK:
        return masks_answered(version, version.click_key, feeds | image_prepared(embedding))


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
