"""Edges from the masks of a grid of points, without training (SAM paper, section 7.2 and appendix D.2).

Each mask's probability map at the photograph's size goes through a Sobel filter; what does not touch the mask's outer
boundary is dropped. The boundary is a thin band, so that each mask is kept as the few pixels of it: of hundreds of masks
only a batch is ever drawn.

The paper lets the strongest of all masks count (`strongest`). A small model's masks are wrong more often, and as steep
where they are: where many of them end says more than how steeply one does (`agreement`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import ndimage

from models.sam.mask_generation.decoding import CropDecoder, PointDecoder
from models.sam.mask_generation.filters import above, boxes_of
from models.sam.mask_generation.grid import point_grid
from models.sam.mask_generation.nms import suppress
from models.sam.mask_generation.settings import PRESETS, GeneratorSettings

_PIXELS_AT_ONCE = 1 << 22  # of logits, float32
_WITH_DIAGONALS = np.ones((3, 3), bool)

# Chosen on 14 training photographs of BSDS500 with the shipped model: ODS .609, of `strongest` .49, of Canny .521.
AGREEING_BOX_NMS = 0.85
AGREEING_SIGMA = 2.5  # pixels
AGREEING_POWER = 0.4


@dataclass(frozen=True)
class MaskEdge:
    """The edge of one mask: numbers int64 [n] of pixels, row after row, and how strong it is there, float32 [n]; the
    mask's box XYXY [4], inclusive, and its predicted IoU."""

    pixels: np.ndarray
    strength: np.ndarray
    box: np.ndarray
    iou_prediction: float


@torch.no_grad()
def find_edges(
    decoder: PointDecoder, photograph: np.ndarray, settings: GeneratorSettings = PRESETS["bsds"]
) -> list[MaskEdge]:
    """Of the masks of a grid of points on a photograph RGB uint8 [H, W, 3].

    Of the settings grid and batches count: the paper filters no mask here.
    """
    looked = decoder.look_at(photograph)
    points = point_grid(settings.points_per_side) * np.array(photograph.shape[1::-1])
    batch = settings.points_per_batch or looked.usual_batch
    found: list[MaskEdge] = []
    for start in range(0, len(points), batch):
        found += _edges_of(looked, points[start : start + batch], decoder.mask_threshold)
    return found


def mirrored(found: Sequence[MaskEdge], width: int) -> list[MaskEdge]:
    """The same edges on a photograph that was mirrored left to right."""
    turned = []
    for one in found:
        y, x = np.divmod(one.pixels, width)
        left, top, right, bottom = one.box
        box = np.array([width - 1 - right, top, width - 1 - left, bottom])
        turned.append(replace(one, pixels=y * width + width - 1 - x, box=box))
    return turned


def strongest(
    found: Sequence[MaskEdge],
    size: tuple[int, int],
    box_nms_thresh: float = PRESETS["bsds"].box_nms_thresh,
) -> np.ndarray:
    """Of masks that outlast suppression the strongest edge at each pixel of `size` (H, W), stretched to 0..1, float32.

    Not yet thinned; zeros where there is no edge. The predicted IoU says which of two masks of one thing stays.
    """
    edges = np.zeros(size[0] * size[1], np.float32)
    for one in suppressed(found, box_nms_thresh):
        edges[one.pixels] = np.maximum(edges[one.pixels], one.strength)
    return stretched(edges.reshape(size))


def agreement(looks: Iterable[Sequence[MaskEdge]], size: tuple[int, int]) -> np.ndarray:
    """How many masks of all looks at a photograph end at or near each pixel of `size` (H, W), stretched to 0..1, float32.

    Masks of one thing outlast suppression more easily than in `strongest`, as each is a vote; a steep edge counts more,
    but not in proportion. The sum is smoothed, as masks agree to a few pixels. Not yet thinned.
    """
    edges = np.zeros(size[0] * size[1], np.float32)
    for found in looks:
        for one in suppressed(found, AGREEING_BOX_NMS):
            edges[one.pixels] += np.sqrt(one.strength)
    smooth = ndimage.gaussian_filter(edges.reshape(size), AGREEING_SIGMA)
    # The order of pixels stays: weak edges are spread over more of the thresholds.
    return stretched(np.maximum(smooth, 0) ** AGREEING_POWER)


def suppressed(found: Sequence[MaskEdge], box_nms_thresh: float) -> list[MaskEdge]:
    """Without those whose box overlaps more than that with the box of a mask of a better predicted IoU."""
    boxes = np.array([one.box for one in found]).reshape(-1, 4)
    kept = suppress(boxes, np.array([one.iou_prediction for one in found]), box_nms_thresh)
    return [found[number] for number in kept]


def stretched(edges: np.ndarray) -> np.ndarray:
    """A map of any numbers as one of 0..1, float32.

    Most pixels are on no edge: the smallest value there is is 0, unless masks cover all with edges.
    """
    edges = (edges - edges.min()).astype(np.float32)
    return edges / max(edges.max(), np.finfo(np.float32).tiny)


def _edges_of(looked: CropDecoder, points: np.ndarray, threshold: float) -> list[MaskEdge]:
    """The edges of all masks of each point [n, 2]; masks without a pixel have none."""
    decoded = looked.decode(points)
    flat = decoded.iou_predictions.flatten()
    numbers, ious = torch.arange(len(flat), device=flat.device), flat.cpu().numpy()
    decoded.choose(numbers)
    found: list[MaskEdge] = []
    some, step = 0, 1
    while some < len(numbers):
        logits = decoded.logits(numbers[some : some + step])
        masks = above(logits, threshold)
        boxes = boxes_of(masks).cpu().numpy()
        probabilities = torch.sigmoid(logits).cpu().numpy()
        for mask, probability, box, iou in zip(
            masks.cpu().numpy(), probabilities, boxes, ious[some : some + step], strict=True
        ):
            if mask.any():
                found.append(mask_edge(mask, probability, box, float(iou)))
        some += step
        step = max(1, _PIXELS_AT_ONCE // logits[0].numel())
    return found


def mask_edge(mask: np.ndarray, probability: np.ndarray, box: np.ndarray, iou_prediction: float) -> MaskEdge:
    """The Sobel magnitude of a probability map [H, W] on the outer boundary of its bool mask [H, W].

    The outer boundary are the pixels outside that touch the mask, diagonally too, and on its inner side those that touch
    them; where the mask ends at the photograph's border there is none. `box` XYXY [4], inclusive, holds the mask.
    """
    height, width = mask.shape
    x0, y0, x1, y1 = (int(value) for value in box)
    # Two pixels beside the box hold all of the band and what Sobel sees from there.
    left, top = max(x0 - 2, 0), max(y0 - 2, 0)
    window = slice(top, min(y1 + 3, height)), slice(left, min(x1 + 3, width))
    inside = mask[window]
    band = outer_boundary(inside)
    rows, columns = np.nonzero(band)
    strength = sobel_magnitude(probability[window])[rows, columns]
    return MaskEdge((rows + top) * width + columns + left, strength, box, iou_prediction)


def outer_boundary(mask: np.ndarray) -> np.ndarray:
    """Bool [H, W]: pixels outside a bool mask that touch it, and pixels of the mask that touch those."""
    outside = ndimage.binary_dilation(mask, _WITH_DIAGONALS) & ~mask
    return outside | (mask & ndimage.binary_dilation(outside, _WITH_DIAGONALS))


def sobel_magnitude(values: np.ndarray) -> np.ndarray:
    """How steep a map [H, W] is, per pixel, float32; at the borders as if the outermost pixels went on."""
    by_axis = [ndimage.sobel(values.astype(np.float32), axis, mode="nearest") for axis in (0, 1)]
    return np.hypot(*by_axis) / 8
