"""Mask and IoU losses (SAM paper, section 3 and appendix A; constants from the SAM 2 training code).

Shape letters: N objects, M masks per object, H W side of the low-res masks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class LossWeights:
    """Weights of the sum. `focal_alpha` is the weight of mask pixels against background ones.

    `iou_on_all` supervises every mask's IoU prediction (as SAM 2 does) and averages; otherwise only the best mask's.
    """

    focal: float = 20.0
    dice: float = 1.0
    iou: float = 1.0
    focal_alpha: float = 0.25
    focal_gamma: float = 2.0
    iou_on_all: bool = False


@dataclass(frozen=True)
class LossTerms:
    """Sums over objects, unweighted; `total` is weighted. `best_index` [N] is the mask that got the gradient."""

    total: Tensor
    focal: Tensor
    dice: Tensor
    iou: Tensor
    best_index: Tensor
    best_iou: Tensor


def focal_loss(logits_NMHW: Tensor, target_NHW: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Sigmoid focal loss of every mask [N, M], mean over pixels; a negative `alpha` leaves the classes unweighted."""
    target = target_NHW[:, None].to(logits_NMHW.dtype).expand_as(logits_NMHW)
    cross_entropy = F.binary_cross_entropy_with_logits(logits_NMHW, target, reduction="none")
    probability = logits_NMHW.sigmoid()
    miss = probability + target - 2 * probability * target  # 1 - p of the true class
    loss = cross_entropy * miss**gamma
    if alpha >= 0:
        loss = loss * (1 - alpha + (2 * alpha - 1) * target)
    return loss.flatten(2).mean(-1)


def dice_loss(logits_NMHW: Tensor, target_NHW: Tensor) -> Tensor:
    """1 - (2 sum(p t) + 1) / (sum p + sum t + 1) of every mask [N, M], p the sigmoid of the logits."""
    probability = logits_NMHW.sigmoid().flatten(2)
    target = target_NHW[:, None].to(probability.dtype).flatten(2)
    overlap = (probability * target).sum(-1)
    return 1 - (2 * overlap + 1) / (probability.sum(-1) + target.sum(-1) + 1)


def mask_iou(logits_NMHW: Tensor, target_NHW: Tensor) -> Tensor:
    """IoU [N, M] of the thresholded logits with the target; 0 where both are empty. Carries no gradient."""
    predicted = (logits_NMHW.detach() > 0).flatten(2)
    target = (target_NHW[:, None] > 0).flatten(2)
    overlap = (predicted & target).sum(-1)
    union = (predicted | target).sum(-1)
    return overlap / union.clamp(min=1)


def interactive_loss(
    logits_NMHW: Tensor, iou_NM: Tensor, target_NHW: Tensor, weights: LossWeights
) -> LossTerms:
    """Loss of one decoder pass: only the mask with the smallest focal + dice of each object gets mask gradient.

    logits_NMHW: low-res mask logits; iou_NM: predicted IoU; target_NHW: 0/1 masks of the same size.
    """
    focal_NM = focal_loss(logits_NMHW, target_NHW, weights.focal_alpha, weights.focal_gamma)
    dice_NM = dice_loss(logits_NMHW, target_NHW)
    best = (weights.focal * focal_NM + weights.dice * dice_NM).argmin(dim=1)
    actual_NM = mask_iou(logits_NMHW, target_NHW)
    error_NM = F.mse_loss(iou_NM, actual_NM, reduction="none")
    rows = torch.arange(len(best), device=best.device)
    focal, dice = focal_NM[rows, best].sum(), dice_NM[rows, best].sum()
    iou = error_NM.mean(dim=1).sum() if weights.iou_on_all else error_NM[rows, best].sum()
    total = weights.focal * focal + weights.dice * dice + weights.iou * iou
    return LossTerms(total, focal.detach(), dice.detach(), iou.detach(), best, actual_NM[rows, best])
