"""The normalised focal loss (RITM, section 3.3; AdaptIS, arXiv 1909.07829)."""

import torch
from torch import Tensor
from torch.nn import functional as F

ALPHA, GAMMA = 0.5, 2.0
_LEAST = 1e-8


def normalised_focal_loss(logits_NHW: Tensor, target_NHW: Tensor, valid_NHW: Tensor | None = None) -> Tensor:
    """ALPHA * sum(w * cross-entropy) / sum(w) of every mask [N], w = (1 - p of the true class) ** GAMMA.

    As focal loss, but pixels that are right already take nothing from the others' gradient: the weights' sum divides,
    and counts as a number. target_NHW: 0/1. valid_NHW: the pixels that count; all of them unless it is given.
    """
    target = target_NHW.to(logits_NHW.dtype)
    cross_entropy = F.binary_cross_entropy_with_logits(logits_NHW, target, reduction="none")
    probability = logits_NHW.sigmoid()
    weight = (probability + target - 2 * probability * target) ** GAMMA
    if valid_NHW is not None:
        weight = weight * valid_NHW
    total = weight.flatten(1).sum(1).detach().clamp(min=_LEAST)
    return ALPHA * torch.sum((weight * cross_entropy).flatten(1), dim=1) / total
