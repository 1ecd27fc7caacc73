"""Iterative training (RITM, section 3.3): clicks at random, then some by what the network itself gets wrong.

Frame: pixels of the view, XY. Shape letters: N masks, S the view's side, L = S/4 the side of the logits, k clicks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.click_baseline.click_maps import click_maps
from models.sam.click_baseline.loss import normalised_focal_loss
from models.sam.click_baseline.network import LOGIT_STRIDE, ClickNetwork, full_size
from models.sam.modeling.labels import BACKGROUND, FOREGROUND, NOT_A_POINT
from models.sam.training.dataset import Batch
from models.sam.training.interaction import inside_content, low_res_targets, normalised
from models.sam.training.losses import mask_iou
from models.sam.training.prompts import correction_points, simulated_clicks


@dataclass(frozen=True)
class ClickSimulation:
    """How clicks are drawn. One to `most_positive` lie on the mask and none to `most_negative` beside it, each further
    one `gamma` times as likely as the one before; then 0 to `most_corrections` follow, as many for a whole batch.

    central: probability that the first click, or a correction, lies deep inside its region instead of anywhere in it.
    near: probability that a click beside the mask lies within `near_cells` of it. drop_previous: that the mask before
    is left out although there is one.
    """

    most_positive: int = 12
    most_negative: int = 8
    gamma: float = 0.6
    most_corrections: int = 3
    central: float = 0.5
    near: float = 0.5
    near_cells: int = 5  # of the logits' grid
    drop_previous: float = 0.1


class ClickObjective(nn.Module):
    """What is trained: maps (batch, generator) to (loss, numbers for the log). Only the last answer has a gradient."""

    def __init__(self, model: ClickNetwork, config: ClickSimulation) -> None:
        super().__init__()
        self.model = model
        self.config = config

    def forward(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        model, config, side = self.model, self.config, batch.size.side
        images = normalised(batch.images, batch.content, model.pixel_mean, model.pixel_std)
        target = low_res_targets(batch.masks, side // LOGIT_STRIDE)
        inside = inside_content(batch.content, side, side)[batch.image_index]
        coords, labels = first_clicks(
            target > 0, inside[:, ::LOGIT_STRIDE, ::LOGIT_STRIDE], config, generator
        )
        previous = images.new_zeros((len(target), 1, side, side))
        corrections = _draw(config.most_corrections, generator)
        # As in use: with the running statistics, and no gradient through what the clicks came from.
        with torch.no_grad():
            model.eval()
            for _ in range(corrections):
                maps = click_maps(coords, labels, (side, side))
                logits = model(images, maps, previous, batch.image_index)
                point, label = correction_points(logits[:, 0], target, side, generator, config.central)
                coords, labels = torch.cat([coords, point], dim=1), torch.cat([labels, label], dim=1)
                previous = full_size(logits).sigmoid()
            model.train()
        previous_iou = (
            mask_iou(previous - 0.5, batch.masks).mean() if corrections else torch.tensor(float("nan"))
        )
        is_kept = torch.rand(len(target), generator=generator, device=target.device) >= config.drop_previous
        previous = previous * is_kept[:, None, None, None]
        logits = full_size(
            model(images, click_maps(coords, labels, (side, side)), previous, batch.image_index)
        )
        loss = normalised_focal_loss(logits[:, 0], batch.masks, inside).mean()
        numbers = {
            "loss": float(loss.detach()),
            "last_iou": float(mask_iou(logits, batch.masks).mean()),
            "previous_iou": float(previous_iou),
        }
        return loss, numbers


def first_clicks(
    target_NLL: Tensor, inside_NLL: Tensor, config: ClickSimulation, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Clicks [N, k, 2] before the network has said anything, and labels [N, k], -1 where a mask has fewer.

    target_NLL, inside_NLL: bool, the masks and the images' content at the logits' grid.
    """
    count = len(target_NLL)
    beside = inside_NLL & ~target_NLL
    reach = 2 * config.near_cells + 1
    near = F.max_pool2d(target_NLL[:, None].float(), reach, 1, config.near_cells)[:, 0] > 0
    near = near & beside
    positive = 1 + _counts(count, config.most_positive - 1, config.gamma, generator)
    negative = _counts(count, config.most_negative, config.gamma, generator)
    coords, labels = [], []
    for number in range(int(positive.max())):
        central = config.central if number == 0 else 0.0
        coords.append(simulated_clicks(target_NLL, LOGIT_STRIDE, generator, central))
        labels.append(torch.where(number < positive, FOREGROUND, NOT_A_POINT))
    for number in range(int(negative.max())):
        is_near = torch.rand(count, generator=generator, device=target_NLL.device) < config.near
        region = torch.where(is_near[:, None, None], near, beside)
        coords.append(simulated_clicks(region, LOGIT_STRIDE, generator))
        is_click = (number < negative) & region.flatten(1).any(dim=1)
        labels.append(torch.where(is_click, BACKGROUND, NOT_A_POINT))
    return torch.stack(coords, dim=1), torch.stack(labels, dim=1)


def _counts(masks: int, most: int, gamma: float, generator: torch.Generator) -> Tensor:
    """Numbers [masks] of 0 to `most`, each `gamma` times as likely as the one before."""
    likely = gamma ** torch.arange(most + 1, device=generator.device)
    return torch.multinomial(likely, masks, replacement=True, generator=generator)


def _draw(most: int, generator: torch.Generator) -> int:
    return int(torch.randint(0, most + 1, (), generator=generator, device=generator.device))
