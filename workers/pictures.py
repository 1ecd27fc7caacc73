"""What models look at: pictures as people are shown them, and the embeddings that are stored of them."""

import numpy as np
import PIL.Image

from backend.common.errors import NotFound
from backend.common.storage import file_open, file_read
from backend.embeddings.models import Embedding, ModelVersion
from backend.images.models import Image
from backend.images.pixels import upright_rgb


def picture_of(image: Image) -> np.ndarray:
    """uint8 RGB [H, W, 3]. Raises NotFound `file.missing`, OSError or ValueError for a file that cannot be read."""
    with file_open(image.display_key) as file, PIL.Image.open(file) as opened:
        return np.array(upright_rgb(opened))


def embedding_of(row: Embedding | None, version: ModelVersion) -> np.ndarray | None:
    """The stored embedding float32 [1, C, E, E], None where the row is not this model's or there is none yet."""
    if row is None or row.state != Embedding.State.READY or row.model_version_id != version.pk:
        return None
    try:
        content = file_read(row.file_key)
    except NotFound:
        return None
    shape = version.manifest["embedding_shape"]
    array = np.frombuffer(content, "<f2").astype(np.float32)
    return array.reshape(shape) if array.size == np.prod(shape) else None
