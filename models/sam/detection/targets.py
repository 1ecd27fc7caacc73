"""Which cell is to find which thing, and how wrong it is.

Every box belongs to one level, by its size, and there to the cells around its centre (the centre sampling of FCOS, arXiv
1904.01355); of several boxes a cell takes the smallest. The score learns the overlap that its own box reaches (quality
focal loss, arXiv 2006.04388), so that it ranks boxes by how good they are.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from models.sam.detection.network import Detections, cells

RADIUS = 1.5  # cells from a box's centre
_FINEST = 8.0  # boxes of the finest level are smaller than so many of its cells
_NOTHING = -1


def level_of(boxes_M4: Tensor, side: int, levels: int) -> Tensor:
    """The level int64 [M] of boxes, by their longer side in cells of the finest one: each takes twice what the one before
    does, the last all that is larger."""
    longer = (boxes_M4[:, 2:] - boxes_M4[:, :2]).amax(dim=1) * side
    return (longer / (_FINEST / 2)).clamp(min=1e-9).log2().floor().clamp(0, levels - 1).long()


def assigned(boxes_M4: Tensor, side: int, levels: int) -> Tensor:
    """For each cell the number of the box that it is to find, int64 [N], -1 for none."""
    cells_N3 = cells(side, levels, boxes_M4.device)
    if not len(boxes_M4):
        return torch.full((len(cells_N3),), _NOTHING, dtype=torch.int64, device=boxes_M4.device)
    level_N = (1 / (cells_N3[:, 2] * side)).log2().neg().round().long()
    centres_M2 = (boxes_M4[:, :2] + boxes_M4[:, 2:]) / 2
    away_NM = (cells_N3[:, None, :2] - centres_M2[None]).abs().amax(dim=2) / cells_N3[:, 2:]
    is_inside = (cells_N3[:, None, :2] > boxes_M4[None, :, :2]) & (
        cells_N3[:, None, :2] < boxes_M4[None, :, 2:]
    )
    # A box smaller than a cell may hold no centre of one: it is the cell's in which its own centre lies.
    is_near = ((away_NM <= RADIUS) & is_inside.all(dim=2)) | (away_NM <= 0.5)
    fits = is_near & (level_N[:, None] == level_of(boxes_M4, side, levels)[None])
    areas_M = (boxes_M4[:, 2:] - boxes_M4[:, :2]).prod(dim=1)
    areas_NM = torch.where(fits, areas_M[None], torch.inf)
    least, number = areas_NM.min(dim=1)
    return torch.where(least.isfinite(), number, _NOTHING)


def loss_of(found: Detections, truths: list[Tensor], side: int, levels: int) -> Tensor:
    """The loss of a batch whose images show the boxes `truths`, [M, 4] each: of scores, and of overlaps twice."""
    numbers = torch.stack([assigned(boxes, side, levels) for boxes in truths])
    is_on = numbers != _NOTHING
    wanted = torch.zeros_like(found.boxes)
    for row, boxes in enumerate(truths):
        if len(boxes):
            wanted[row] = boxes[numbers[row].clamp(min=0)]
    count = is_on.sum().clamp(min=1)
    overlap, generalised = overlaps(found.boxes[is_on], wanted[is_on])
    quality = torch.zeros_like(found.logits)
    quality[is_on] = overlap.detach()
    distance = (quality - found.logits.sigmoid()).abs().square()
    scores = F.binary_cross_entropy_with_logits(found.logits, quality, reduction="none") * distance.detach()
    return scores.sum() / count + 2 * (1 - generalised).sum() / count


def overlaps(boxes_K4: Tensor, others_K4: Tensor) -> tuple[Tensor, Tensor]:
    """IoU [K] of each box with the other beside it, and generalised IoU (arXiv 1902.09630), which tells how far apart
    they are where they do not touch."""
    low, high = (
        torch.maximum(boxes_K4[:, :2], others_K4[:, :2]),
        torch.minimum(boxes_K4[:, 2:], others_K4[:, 2:]),
    )
    shared = (high - low).clamp(min=0).prod(dim=1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(dim=1) for boxes in (boxes_K4, others_K4)]
    union = (areas[0] + areas[1] - shared).clamp(min=1e-9)
    outer_low = torch.minimum(boxes_K4[:, :2], others_K4[:, :2])
    outer_high = torch.maximum(boxes_K4[:, 2:], others_K4[:, 2:])
    hull = (outer_high - outer_low).clamp(min=0).prod(dim=1).clamp(min=1e-9)
    return shared / union, shared / union - (hull - union) / hull
