"""`MaskQuality` for one prompt, on rows.

What it sees inside of a mask is a weighted mean of cells, to which their offset adds itself as often as the weights sum
up to: it is never added to the cells.

Shape letters: M masks, L low-res side, P image cells, C width.
"""

import torch
from torch import Tensor, nn

from models.sam.modeling.mask_quality import MaskQuality, mask_statistics


class QualityOfRows(nn.Module):
    """What is added to each mask's IoU prediction. `offset_C` is added to every cell."""

    def __init__(self, quality: MaskQuality, offset_C: Tensor) -> None:
        super().__init__()
        self.quality, self.less_offset_C = quality, nn.Parameter(-offset_C)

    def forward(self, logits_MLL: Tensor, rows_PC: Tensor, iou_1C: Tensor, tokens_MC: Tensor) -> Tensor:
        """Additions [M], of low-res logits, cells without their offset, IoU token and mask tokens."""
        tiles = halved(logits_MLL)
        probability = tiles.sigmoid()
        covered_MP = halved(probability).flatten(1)
        shares_MP = covered_MP / (covered_MP.sum(dim=1, keepdim=True) + 1e-3)
        # Taken off: an addition would become part of the product, which is slower than both.
        inside_MC = shares_MP @ rows_PC - shares_MP.sum(dim=1, keepdim=True) * self.less_offset_C
        judged_MF = torch.cat(
            [
                inside_MC,
                tokens_MC,
                iou_1C.expand(tokens_MC.shape),
                mask_statistics(tiles[None], probability[None])[0],
            ],
            dim=-1,
        )
        return self.quality.rate(judged_MF)


def halved(x_MHW: Tensor) -> Tensor:
    """Means of 2 x 2 pixels. As sums of rows, then of neighbours, they take a third of what pooling takes."""
    masks, height, width = x_MHW.shape
    rows = x_MHW.reshape(masks, height // 2, 2, width).mean(dim=2)
    return rows.reshape(masks, height // 2, width // 2, 2).mean(dim=3)
