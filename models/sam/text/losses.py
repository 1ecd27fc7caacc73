"""What text prompts learn by. Words first, by the cells of named masks; then masks, through the frozen decoder.

Shape letters: N prompts, K masks of one name, L low-res side, V names, h w sides of a relevance map, P cells (h * w).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from models.sam.training.losses import LossWeights, dice_loss, focal_loss, interactive_loss

# A cell belongs to a name that covers so much of it.
COVERED = 0.5
_NEVER = -1e4


def coverage(masks_nLL: Tensor, numbers: Sequence[int], side: int) -> tuple[list[int], Tensor]:
    """The names of a view's masks, each once, and the share of each cell that their masks cover: [v, side, side]."""
    present = sorted(set(numbers))
    unions = [
        masks_nLL[[i for i, number in enumerate(numbers) if number == name]].any(dim=0) for name in present
    ]
    share = F.avg_pool2d(torch.stack(unions)[:, None].float(), masks_nLL.shape[-1] // side)[:, 0]
    return present, share


def cell_loss(relevance_Vhw: Tensor, present: Sequence[int], covered_vhw: Tensor) -> Tensor:
    """Cross-entropy over all names of the cells that a name covers, mean over the names of a view; 0 without such cells.

    Only named cells count: what nobody outlined may be anything. Of several names of a cell (a window in a front) each is
    right by itself, and the others do not stand against it.
    """
    losses = []
    is_in_vP = (covered_vhw >= COVERED).flatten(1)
    logits_VP = relevance_Vhw.flatten(1)
    for row, name in enumerate(present):
        cells = is_in_vP[row]
        if not bool(cells.any()):
            continue
        others = torch.zeros_like(logits_VP, dtype=torch.bool)
        others[list(present)] = is_in_vP
        others[name] = False
        logits_pV = logits_VP.masked_fill(others, _NEVER)[:, cells].T
        losses.append(
            F.cross_entropy(logits_pV, torch.full((len(logits_pV),), name, device=logits_pV.device))
        )
    return torch.stack(losses).mean() if losses else relevance_Vhw.sum() * 0


def map_loss(relevance_vhw: Tensor, covered_vhw: Tensor) -> Tensor:
    """Of the maps of names that are there with what they cover: cross-entropy per cell and dice, mean over names."""
    entropy = F.binary_cross_entropy_with_logits(relevance_vhw, covered_vhw)
    return entropy + dice_loss(relevance_vhw[:, None], covered_vhw).mean()


def silence_loss(relevance_Vhw: Tensor, is_absent_V: Tensor) -> Tensor:
    """Of the maps of names that are not there with nothing, cross-entropy per cell; 0 where all are there."""
    absent_vhw = relevance_Vhw[is_absent_V]
    return F.softplus(absent_vhw).mean() if len(absent_vhw) else relevance_Vhw.sum() * 0


def nearest_targets(logits_NMLL: Tensor, targets: Sequence[Tensor]) -> Tensor:
    """Of each prompt's masks [K, L, L] the number [N] of the one that one of its answers overlaps most (dice of the
    probabilities): a word does not say which of several things is meant, so any is right."""
    chosen = []
    for logits_MLL, masks_KLL in zip(logits_NMLL.detach(), targets, strict=True):
        answer_MP, target_KP = logits_MLL.sigmoid().flatten(1), masks_KLL.float().flatten(1)
        sums = answer_MP.sum(dim=1)[:, None] + target_KP.sum(dim=1)[None]
        chosen.append((2 * answer_MP @ target_KP.T / (sums + 1)).amax(dim=0).argmax())
    return torch.stack(chosen)


def absent_loss(logits_NMLL: Tensor, iou_NM: Tensor, weights: LossWeights) -> Tensor:
    """Of answers to words for nothing in the image, sum over prompts: all masks empty, all predicted IoUs 0."""
    nothing = torch.zeros_like(logits_NMLL[:, 0])
    focal = focal_loss(logits_NMLL, nothing, weights.focal_alpha, weights.focal_gamma)
    # Dice of an empty mask hardly moves once much is wrong; the share of the image that is covered does.
    covered = logits_NMLL.sigmoid().mean(dim=(2, 3))
    return (weights.focal * focal + weights.dice * covered + weights.iou * iou_NM.square()).mean(dim=1).sum()


def present_loss(logits_NMLL: Tensor, iou_NM: Tensor, target_NLL: Tensor, weights: LossWeights) -> Tensor:
    """Of answers to words for something, sum over prompts: as of the first click (SAM paper, section 3)."""
    return interactive_loss(logits_NMLL, iou_NM, target_NLL, weights).total
