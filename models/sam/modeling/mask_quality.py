"""The IoU prediction looks at the masks it judges.

Not in the paper, whose IoU head sees one token. As in mask scoring networks (arXiv 1903.00241) the mask itself is part of
the question: how sure it is, how large, how stable under another threshold, and what the image shows inside of it.

Shape letters: N prompts, M masks, L low-res side, P image cells, C width. A tile is a quarter of a cell, 2 x 2 low-res
pixels: fine enough for the statistics, and a fourth of their cost.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STATISTICS = 4
STABILITY_OFFSET = 1.0


class MaskQuality(nn.Module):
    """What is added to each mask's IoU prediction. Masks are judged, not changed: they get no gradient from here."""

    def __init__(self, transformer_dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(3 * transformer_dim + STATISTICS, transformer_dim)
        self.answer = nn.Linear(transformer_dim, 1)
        # A model that learnt without it begins with the predictions it had.
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)

    def forward(self, tiles_NMP4: Tensor, cells_NPC: Tensor, iou_NC: Tensor, tokens_NMC: Tensor) -> Tensor:
        """Additions [N, M].

        tiles: mean logits of each cell's four tiles, in any order; cells, IoU token and mask tokens as the transformer
        left them.
        """
        logits = tiles_NMP4.detach().float()
        probability = logits.sigmoid()
        covered_NMP = probability.mean(dim=3)
        inside_NMC = (covered_NMP / (covered_NMP.sum(dim=2, keepdim=True) + 1e-3)) @ cells_NPC.float()
        statistics = mask_statistics(logits, probability)
        judged = torch.cat(
            [inside_NMC, tokens_NMC.float(), iou_NC.float()[:, None].expand(tokens_NMC.shape), statistics],
            dim=-1,
        )
        return self.answer(torch.relu(self.hidden(judged)))[..., 0]


def mask_statistics(logits_NMP4: Tensor, probability_NMP4: Tensor) -> Tensor:
    """[N, M, 4], each in 0..1: root of the covered share, mean probability inside, softness, and stability."""

    def count(x: Tensor) -> Tensor:
        return x.flatten(2).sum(dim=2)

    kind = probability_NMP4.dtype
    inside = (logits_NMP4 > 0).to(kind)
    total = count(probability_NMP4)
    higher = count((logits_NMP4 > STABILITY_OFFSET).to(kind))
    lower = count((logits_NMP4 > -STABILITY_OFFSET).to(kind))
    tiles = logits_NMP4.shape[2] * logits_NMP4.shape[3]
    return torch.stack(
        [
            (total / tiles).sqrt(),
            count(probability_NMP4 * inside) / (count(inside) + 1),
            count(probability_NMP4 * (1 - probability_NMP4)) / (total + 1),
            higher / (lower + 1),
        ],
        dim=-1,
    )


def tiles_of(logits_NMLL: Tensor, grid: tuple[int, int]) -> Tensor:
    """Low-res logits [N, M, L, L] as mean logits of each cell's four tiles [N, M, P, 4]."""
    height, width = grid
    tiles = F.avg_pool2d(logits_NMLL, 2).unflatten(3, (width, 2)).unflatten(2, (height, 2))
    return tiles.transpose(3, 4).flatten(4).flatten(2, 3)
