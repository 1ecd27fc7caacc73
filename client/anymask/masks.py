"""Masks as numpy arrays: COCO's run-length encoding, by pycocotools (`pip install anymask[masks]`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anymask.types import Segmentation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mask_decode(segmentation: Segmentation) -> NDArray[np.bool_]:
    """Boolean [H, W], in pixels of the upright original. Raises ImportError without pycocotools."""
    from pycocotools import mask as coco_mask

    pixels: NDArray[np.bool_] = coco_mask.decode(segmentation).astype(bool)
    return pixels


def mask_encode(pixels: NDArray[np.bool_]) -> Segmentation:
    """Of a [H, W] array: what is not 0 is the mask. Raises ImportError without pycocotools."""
    import numpy as np
    from pycocotools import mask as coco_mask

    packed = coco_mask.encode(np.asfortranarray(pixels != 0, dtype=np.uint8))
    return {"size": [int(side) for side in packed["size"]], "counts": packed["counts"].decode("ascii")}
