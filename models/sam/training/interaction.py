"""One training step's interaction: encode once, then several decoder passes with growing prompts (paper, appendix A).

Shape letters: B images, S input side, E embedding side, L = 4E low-res side, N objects, M masks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import BOX_TOP_LEFT
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam
from models.sam.training.augmentation import ViewSize
from models.sam.training.dataset import Batch
from models.sam.training.losses import LossTerms, LossWeights, interactive_loss
from models.sam.training.prompts import correction_points, first_prompts


@dataclass(frozen=True)
class InteractionConfig:
    """How many passes. The paper: `corrections=(8, 8)`, `idle_passes=2`, `last_clicks=(1, 1)`, 11 passes in all.

    corrections: fewest and most passes with new clicks, drawn per step. idle_passes: passes without a click, one at
    random and one last. last_clicks: fewest and most clicks of the last correction, a cheap way to many-click prompts.
    single_on_boxes: the single-mask token also learns from a first box, which is hardly ambiguous.
    central_clicks: probability of a click deep inside its region instead of anywhere in it, the paper's way.
    """

    corrections: tuple[int, int] = (8, 8)
    idle_passes: int = 2
    last_clicks: tuple[int, int] = (1, 1)
    box_probability: float = 0.5
    single_on_boxes: bool = False
    central_clicks: float = 0.0

    def __post_init__(self) -> None:
        if self.idle_passes not in (0, 1, 2):
            raise ValueError(f"idle_passes is 0, 1 or 2, got {self.idle_passes}")


@dataclass(frozen=True)
class InteractionResult:
    """`loss` carries the gradient, mean over objects, summed over passes; `terms` are plain numbers for the log."""

    loss: Tensor
    terms: dict[str, float]


def click_plan(config: InteractionConfig, generator: torch.Generator) -> list[int]:
    """New clicks of every pass after the first."""
    plan = [1] * _draw(*config.corrections, generator)
    if plan:
        plan[-1] = _draw(*config.last_clicks, generator)
    if config.idle_passes > 1:
        plan.insert(_draw(0, len(plan), generator), 0)
    return plan + [0] * (config.idle_passes > 0)


def _draw(low: int, high: int, generator: torch.Generator) -> int:
    return int(torch.randint(low, high + 1, (), generator=generator, device=generator.device))


def normalise(model: Sam, batch: Batch) -> Tensor:
    """Images [B, 3, S, S] as the predictor prepares them: normalised, zero outside the content."""
    return normalised(batch.images, batch.content, model.pixel_mean, model.pixel_std)


def normalised(images_B3HW: Tensor, content: Tensor, pixel_mean: Tensor, pixel_std: Tensor) -> Tensor:
    """Images less the mean pixel over its deviation (both [3, 1, 1]), zero outside the content; see `inside_content`."""
    inside = inside_content(content, images_B3HW.shape[-2], images_B3HW.shape[-1])
    return (images_B3HW.float() - pixel_mean) / pixel_std * inside[:, None]


def inside_content(content: Tensor, height: int, width: int) -> Tensor:
    """Bool [B, height, width]: the top left rows and columns of each of the sizes `content` [B, 2] (h, w)."""
    rows = torch.arange(height, device=content.device) < content[:, :1]
    columns = torch.arange(width, device=content.device) < content[:, 1:]
    return rows[:, :, None] & columns[:, None, :]


def draw_window(size: ViewSize, cells: int, generator: torch.Generator) -> Grid:
    """The grid of views of `size`, `cells` a side; a window lies anywhere in the whole input, the same for the batch.

    ValueError if the whole input's side is not a number of cells.
    """
    if size.input_side == size.side:
        return Grid(cells, cells)
    whole, rest = divmod(cells * size.input_side, size.side)
    if rest:
        raise ValueError(
            f"an input of {size.input_side} px has no whole number of cells of {size.side // cells} px"
        )
    return Grid(
        cells,
        cells,
        (whole, whole),
        top=_draw(0, whole - cells, generator),
        left=_draw(0, whole - cells, generator),
    )


def low_res_targets(masks_NSS: Tensor, size: int) -> Tensor:
    """Masks at the low-res side [N, L, L], float 0/1: half of a cell covered; any of it where that leaves nothing."""
    share = F.avg_pool2d(masks_NSS[:, None].float(), masks_NSS.shape[-1] // size)[:, 0]
    half = share >= 0.5
    return torch.where(half.flatten(1).any(dim=1)[:, None, None], half, share > 0).float()


def run_interaction(
    model: Sam, batch: Batch, config: InteractionConfig, weights: LossWeights, generator: torch.Generator
) -> InteractionResult:
    """All passes of one batch. Every random draw comes from `generator`, which lives on the batch's device."""
    embeddings = model.image_encoder(normalise(model, batch))
    side, device, central = batch.size.side, batch.images.device, config.central_clicks
    grid = draw_window(batch.size, embeddings.shape[-1], generator)
    cell = side // grid.columns
    # Of the view in the whole input, XY.
    corner = torch.tensor([grid.left * cell, grid.top * cell], device=device)
    input_size = (batch.size.input_side, batch.size.input_side)
    image_pe = model.prompt_encoder.get_dense_pe(grid)
    target = low_res_targets(batch.masks, 4 * grid.rows)
    coords, labels = first_prompts(
        target, batch.boxes_xyxy, batch.size, config.box_probability, generator, central
    )
    is_box = labels[:, 0] == BOX_TOP_LEFT
    image = ImageOfPrompts(embeddings, batch.image_index)
    previous: Tensor | None = None
    count = len(target)
    loss = embeddings.new_zeros(())
    terms: dict[str, float] = {}
    for number, clicks in enumerate([0, *click_plan(config, generator)]):
        for _ in range(clicks):
            assert previous is not None
            point, label = correction_points(previous[:, 0], target, side, generator, central)
            coords, labels = torch.cat([coords, point], dim=1), torch.cat([labels, label], dim=1)
        sparse = model.prompt_encoder.embed_points(coords + corner, labels, input_size)
        dense = model.prompt_encoder.embed_dense(coords + corner, labels, previous, input_size, grid, image)
        masks, iou = model.mask_decoder.predict_masks(
            embeddings, image_pe, sparse, dense, batch.image_index, grid.share
        )
        masks, iou = masks.float(), iou.float()
        if number == 0:
            result = interactive_loss(masks[:, 1:], iou[:, 1:], target, weights)
            chosen = iou[:, 1:].detach().argmax(dim=1) + 1
            previous = masks.detach()[torch.arange(count, device=device), chosen][:, None]
            if config.single_on_boxes and bool(is_box.any()):
                extra = interactive_loss(masks[is_box, :1], iou[is_box, :1], target[is_box], weights)
                loss = loss + extra.total / count
            terms |= _numbers("first", result, count)
            terms["first_box_iou"] = (
                float(result.best_iou[is_box].mean()) if bool(is_box.any()) else float("nan")
            )
            terms["first_point_iou"] = (
                float(result.best_iou[~is_box].mean()) if bool((~is_box).any()) else float("nan")
            )
        else:
            result = interactive_loss(masks[:, :1], iou[:, :1], target, weights)
            previous = masks.detach()[:, :1]
            terms |= _numbers("last", result, count)
        loss = loss + result.total / count
    terms["loss"] = float(loss.detach())
    return InteractionResult(loss, terms)


def _numbers(prefix: str, terms: LossTerms, count: int) -> dict[str, float]:
    return {
        f"{prefix}_focal": float(terms.focal) / count,
        f"{prefix}_dice": float(terms.dice) / count,
        f"{prefix}_iou_error": float(terms.iou) / count,
        f"{prefix}_iou": float(terms.best_iou.mean()),
    }
