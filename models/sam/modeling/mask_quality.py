"""The IoU prediction looks at the masks it judges.

Not in the paper, whose IoU head sees one token. As in mask scoring networks (arXiv 1903.00241) the mask itself is part of
the question: how sure it is, how large, how stable under another threshold, and what the image shows inside of it.

Shape letters: N prompts, M masks, L low-res side, P image cells, C width, T = h * w tiles: quarters of a cell, 2 x 2
low-res pixels each, fine enough for the statistics and a fourth of their cost.
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

    def forward(
        self,
        logits_NMLL: Tensor,
        cells_NPC: Tensor,
        iou_NC: Tensor,
        tokens_NMC: Tensor,
        input_share: float = 1.0,
    ) -> Tensor:
        """Additions [N, M], from low-res logits, and cells, IoU token and mask tokens as the transformer left them.

        `input_share` is the share of the input that they cover (see `grid.Grid.share`)."""
        tiles = F.avg_pool2d(logits_NMLL.detach().float(), 2)
        probability = tiles.sigmoid()
        covered_NMP = F.avg_pool2d(probability, 2).flatten(2)
        inside_NMC = (covered_NMP / (covered_NMP.sum(dim=2, keepdim=True) + 1e-3)) @ cells_NPC.float()
        judged = torch.cat(
            [
                inside_NMC,
                tokens_NMC.float(),
                iou_NC.float()[:, None].expand(tokens_NMC.shape),
                mask_statistics(tiles, probability, input_share),
            ],
            dim=-1,
        )
        return self.rate(judged)

    def rate(self, judged_NMF: Tensor) -> Tensor:
        """Additions [N, M] from what is known of each mask, [N, M, 3C + STATISTICS]: the input of `hidden`."""
        return self.answer(torch.relu(self.hidden(judged_NMF)))[..., 0]


def mask_statistics(logits_NMhw: Tensor, probability_NMhw: Tensor, input_share: float = 1.0) -> Tensor:
    """[N, M, 4], each in 0..1: root of the covered share of the input, mean probability inside, softness, and stability.

    Of T = h * w tiles each: their mean logits and the probabilities these stand for.
    """
    kind, count = probability_NMhw.dtype, logits_NMhw.shape[2] * logits_NMhw.shape[3]
    inside = (logits_NMhw > 0).to(kind)
    total = sum_of_map(probability_NMhw)
    higher = sum_of_map((logits_NMhw > STABILITY_OFFSET).to(kind))
    lower = sum_of_map((logits_NMhw > -STABILITY_OFFSET).to(kind))
    return torch.stack(
        [
            (total * (input_share / count)).sqrt(),
            sum_of_map(probability_NMhw * inside) / (sum_of_map(inside) + 1),
            sum_of_map(probability_NMhw * (1 - probability_NMhw)) / (total + 1),
            higher / (lower + 1),
        ],
        dim=-1,
    )


def sum_of_map(x_NMhw: Tensor) -> Tensor:
    """[N, M]. Rows first: runtimes add up whole rows faster than the numbers in one."""
    return x_NMhw.sum(dim=2).sum(dim=2)
