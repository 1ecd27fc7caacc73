"""Simulated annotators for training: first prompts and corrections (SAM paper, appendix A, "training algorithm").

Frame: pixels of the view, which is the model's input or a window of it; XY, pixel (0, 0) has index 0 (the prompt
encoder adds the half pixel). Masks come at the low-res side L, four per embedding cell; a low-res pixel covers `scale`
pixels each way.
Shape letters: N objects, L low-res side, k prompts.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from models.sam.modeling.labels import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, FOREGROUND, NOT_A_POINT
from models.sam.training.augmentation import ViewSize

BLURS = (3, 7, 15, 31, 63)  # low-res pixels


def random_points(region_NLL: Tensor, scale: int, generator: torch.Generator | None = None) -> Tensor:
    """One uniform point [N, 2] in each region (bool) in the input frame; anywhere on the grid if it is empty."""
    count, height, width = region_NLL.shape
    noise = torch.rand(count, height * width, generator=generator, device=region_NLL.device)
    # The largest of independent uniform numbers is equally likely to be any of the region's pixels.
    index = (noise + region_NLL.flatten(1)).argmax(dim=1)
    corner = torch.stack([index % width, index // width], dim=1) * scale
    offset = torch.randint(0, scale, (count, 2), generator=generator, device=region_NLL.device)
    return (corner + offset).float()


def central_points(region_NLL: Tensor, scale: int) -> Tensor:
    """A point [N, 2] deep inside each region (bool), in the input frame: where blurs of growing width agree most.

    People click there, and so does the evaluation (spec section 15: farthest from the edge); a distance transform would
    cost more than a pass of the decoder.
    """
    width = region_NLL.shape[2]
    region = region_NLL.float()
    depth = torch.zeros_like(region)
    for k in BLURS:
        depth += running_sum(running_sum(region, k).mT, k).mT / k**2
    index = (depth * region).flatten(1).argmax(dim=1)
    return torch.stack([index % width, index // width], dim=1).float() * scale + scale // 2


def running_sum(x: Tensor, k: int) -> Tensor:
    """Sums over `k` neighbours (odd) along the last axis, zeros beyond the ends: differences of running totals, since
    pooling takes time in proportion to `k`."""
    totals = F.pad(x, (k // 2 + 1, k // 2)).cumsum(dim=-1)
    return totals[..., k:] - totals[..., :-k]


def simulated_clicks(
    region_NLL: Tensor, scale: int, generator: torch.Generator | None = None, central: float = 0.0
) -> Tensor:
    """One click [N, 2] in each region: deep inside with probability `central`, else anywhere in it."""
    anywhere = random_points(region_NLL, scale, generator)
    if central <= 0:
        return anywhere
    is_central = torch.rand(len(anywhere), generator=generator, device=anywhere.device) < central
    return torch.where(is_central[:, None], central_points(region_NLL, scale), anywhere)


def noisy_boxes(
    box_xyxy: Tensor,
    size: ViewSize,
    generator: torch.Generator | None = None,
    std: float = 0.1,
    cap: float = 20.0,
) -> Tensor:
    """Boxes [N, 4] with normal noise per coordinate: `std` of the box's side, at most `cap` pixels of a 1024 px input.

    The cap shrinks with the side of the input. Boxes and results are in pixels of the view, inside [0, side].
    """
    extent = box_xyxy[:, 2:] - box_xyxy[:, :2]
    noise = (
        torch.randn(box_xyxy.shape, generator=generator, device=box_xyxy.device) * std * extent.repeat(1, 2)
    )
    limit = cap * size.input_side / 1024
    return (box_xyxy + noise.clamp(-limit, limit)).clamp(0, size.side)


def first_prompts(
    target_NLL: Tensor,
    box_xyxy: Tensor,
    size: ViewSize,
    box_probability: float = 0.5,
    generator: torch.Generator | None = None,
    central: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """The prompt of pass 1: coordinates [N, 2, 2] and labels [N, 2].

    With `box_probability` the noisy box as its two corners, else a foreground click (`simulated_clicks`) and the padding
    point that the prompt encoder appends when there is no box; so all rows hold two tokens.
    """
    point = simulated_clicks(target_NLL > 0, size.side // target_NLL.shape[-1], generator, central)
    box = noisy_boxes(box_xyxy, size, generator).view(-1, 2, 2)
    is_box = torch.rand(len(point), generator=generator, device=point.device) < box_probability
    coords = torch.where(is_box[:, None, None], box, torch.stack([point, torch.zeros_like(point)], dim=1))
    labels = torch.where(
        is_box[:, None],
        torch.tensor([BOX_TOP_LEFT, BOX_BOTTOM_RIGHT], device=point.device),
        torch.tensor([FOREGROUND, NOT_A_POINT], device=point.device),
    )
    return coords, labels


def correction_points(
    logits_NLL: Tensor,
    target_NLL: Tensor,
    side: int,
    generator: torch.Generator | None = None,
    central: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """One more click per object in the error region of the last mask (`simulated_clicks`): [N, 1, 2], labels [N, 1].

    Label 1 in a false negative, 0 in a false positive. Where nothing is wrong the click lands in the mask (label 1).
    """
    predicted, target = logits_NLL > 0, target_NLL > 0
    wrong = predicted ^ target
    region = torch.where(wrong.flatten(1).any(dim=1)[:, None, None], wrong, target)
    scale = side // target_NLL.shape[-1]
    point = simulated_clicks(region, scale, generator, central)
    cell = (point / scale).long()
    inside = target[torch.arange(len(target), device=target.device), cell[:, 1], cell[:, 0]]
    return point[:, None], inside.long()[:, None]
