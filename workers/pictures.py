"""What models look at: pictures as people are shown them, and the embeddings that are stored of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import PIL.Image

from backend.common.errors import NotFound
from backend.common.storage import file_open, file_read
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.selectors import embeddings_by
from backend.images.models import Image
from backend.images.pixels import upright_rgb

if TYPE_CHECKING:
    from models.sam.predictor import EncodedImage


def picture_of(image: Image) -> np.ndarray:
    """uint8 RGB [H, W, 3]. Raises NotFound `file.missing`, OSError or ValueError for a file that cannot be read."""
    with file_open(image.display_key) as file, PIL.Image.open(file) as opened:
        return np.array(upright_rgb(opened))


def embedding_of(row: Embedding | None, version: ModelVersion) -> np.ndarray | None:
    """The stored embedding float32 [1, C, E, E], None where the row is not this model's or there is none yet."""
    if row is None or row.state != Embedding.State.READY or row.model_version_id != version.pk:
        return None
    return embedding_array(row)


def embedding_array(row: Embedding) -> np.ndarray | None:
    """float32 [1, C, E, E] of a finished embedding; None where its file is not there, or not one of its model."""
    try:
        content = file_read(row.file_key)
    except (NotFound, OSError):
        return None
    shape = row.model_version.manifest["embedding_shape"]
    if len(content) != 2 * np.prod(shape):
        return None
    return np.frombuffer(content, "<f2").astype(np.float32).reshape(shape)


def encoded_image(image: Image, *, encoder_id: int) -> EncodedImage | None:
    """The image as this image encoder (`ModelVersion.encoder_id`) saw all of it, on the CPU; None where that cannot be
    read."""
    rows = embeddings_by(encoder_id=encoder_id).filter(image_sha256=image.sha256)
    for row in rows.select_related("model_version"):
        array = embedding_array(row)
        if array is not None:
            return _as_encoded(array, image, row.model_version.manifest["image_size"])
    return None


def _as_encoded(array: np.ndarray, image: Image, image_size: int) -> EncodedImage:
    import torch

    from models.sam.predictor import EncodedImage
    from models.sam.transforms import resized_size

    size = image.height, image.width
    return EncodedImage(torch.from_numpy(array), size, resized_size(*size, image_size))
