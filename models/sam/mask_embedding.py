"""What a mask looks like, as one vector: its neighbours are masks of similar shape and meaning (SAM paper, D.6).

The embedding of a crop around the mask, and of its mirror image, averaged over the cells that the mask covers.
"""

import numpy as np
import torch
from torch import Tensor

from models.sam.boxes import tight_box
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.refine import crop_window, cut

# The crop's side over the mask's longer one: some surroundings, as they tell what a thing is.
CROP_SCALE = 1.5


@torch.no_grad()
def mask_embedding(predictor: SamPredictor, photograph: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The vector [C], float32 of length 1, of a mask, bool [H, W], on a photograph, RGB uint8 [H, W, 3].

    Two runs of the image encoder. ValueError for a mask without a pixel or of another size.
    """
    if mask.shape != photograph.shape[:2]:
        raise ValueError(f"the mask is {list(mask.shape)}, the photograph {list(photograph.shape[:2])}")
    if not mask.any():
        raise ValueError("a mask without a pixel looks like nothing")
    size = photograph.shape[0], photograph.shape[1]
    window = crop_window(np.array(tight_box(mask), np.float64), size, CROP_SCALE)
    crop, part = cut(photograph, window), cut(mask, window)
    views = [(crop, part), (crop[:, ::-1], part[:, ::-1])]
    encoded = predictor.encode([np.ascontiguousarray(view) for view, _ in views])
    vectors = [covered_mean(one, inside) for one, (_, inside) in zip(encoded, views, strict=True)]
    return unit_vector(torch.stack(vectors).mean(dim=0))


def embedding_under_mask(encoded: EncodedImage, mask: np.ndarray) -> np.ndarray:
    """The same from the embedding of the whole photograph, which is there already: cheaper, and coarser for small masks.

    ValueError for a mask without a pixel or of another size.
    """
    if mask.shape != encoded.original_size:
        raise ValueError(f"the mask is {list(mask.shape)}, the photograph {list(encoded.original_size)}")
    if not mask.any():
        raise ValueError("a mask without a pixel looks like nothing")
    return unit_vector(covered_mean(encoded, mask))


def covered_mean(encoded: EncodedImage, mask: np.ndarray) -> Tensor:
    """Mean [C] of the embedding's cells, each by the share of it that the mask, bool [H, W] of the photograph, covers."""
    _, _, rows, columns = encoded.embedding.shape
    share = torch.from_numpy(cell_shares(mask, encoded, rows, columns)).to(encoded.embedding.device)
    weighted = (encoded.embedding[0].double() * share).sum(dim=(1, 2))
    return weighted / share.sum()


def cell_shares(mask: np.ndarray, encoded: EncodedImage, rows: int, columns: int) -> np.ndarray:
    """How much of each cell [rows, columns] lies in the mask, whose pixels are areas on the grid of cells."""
    height, width = encoded.original_size
    # The model's input is square, the photograph lies in its upper left: cells per pixel along both axes.
    side = max(height, width)
    # The mask's own box is all there is to be summed: of a large photograph mostly a small part.
    x0, y0, x1, y1 = tight_box(mask)
    down = _overlaps(height, rows, rows / side)[:, y0:y1]
    across = _overlaps(width, columns, columns / side)[:, x0:x1]
    return np.asarray(down @ mask[y0:y1, x0:x1].astype(np.float64) @ across.T)


def _overlaps(pixels: int, cells: int, scale: float) -> np.ndarray:
    """[cells, pixels]: the length, in cells, that a pixel shares with a cell."""
    starts = np.arange(pixels) * scale
    low = np.maximum(starts[None], np.arange(cells)[:, None])
    high = np.minimum(starts[None] + scale, np.arange(cells)[:, None] + 1.0)
    return np.clip(high - low, 0.0, None)


def unit_vector(vector: Tensor) -> np.ndarray:
    """Of length 1, float32."""
    return (vector / vector.norm().clamp(min=1e-12)).float().cpu().numpy()
