"""The first up-convolution without the rows it reads.

After n layers the rows are what was prepared, scaled cell by cell, and a few rows of weights times what each adds:
norms scale cells and channels, layers add products of few rows. The convolution is a matrix, which may be applied to
what was prepared (once per image) and to the additions (few rows) instead of to all cells: exact apart from rounding,
and cheaper while all layers' weights have fewer rows than the width.

Shape letters: P image cells, C width, O outputs of the convolution, K rows of weights of a layer.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.sam.decode.norm import gain_of
from models.sam.decode.upscale import FirstConvolution
from models.sam.modeling.sam import Sam
from models.sam.modeling.transformer import TwoWayAttentionBlock

USUAL_TOKENS = 7  # the decoder's own and a click with its padding, or a box


class Update(NamedTuple):
    """What a layer did to the cells, as the convolution sees it."""

    shares_KP: Tensor
    additions_KO: Tensor
    scale_P: Tensor  # reciprocal root mean square of the layer's norm


def is_worth_it(sam: Sam, blocks: Sequence[TwoWayAttentionBlock]) -> bool:
    """Whether usual prompts save at least a third of the convolution, which pays for weighing what is added up.

    Measured at SAM's width: a click takes 9 % less time, one of 15 slots 3 % more.
    """
    encoder = sam.prompt_encoder
    rows = (USUAL_TOKENS - 1) * sum(block.cross_attn_image_to_token.num_heads for block in blocks)
    for part in (encoder.prompt_maps, encoder.prompt_similarity):
        rows += 0 if part is None else part.project.in_features
    return 3 * rows <= 2 * encoder.embed_dim


def seen_by_convolution(
    blocks: Sequence[TwoWayAttentionBlock], convolution: FirstConvolution
) -> list[Tensor]:
    """For each block the matrix [C, O] from what it adds to the cells to what the convolution makes of it."""
    matrices = [convolution.weight_CO]
    for block in reversed(blocks):
        matrices.append(gain_of(block.norm4)[:, None] * matrices[-1])
    return matrices[:0:-1]


class LowRankConvolution(nn.Module):
    """`FirstConvolution` of rows that are known by what each layer did to them."""

    ones_1P: Tensor
    bias_1O: Tensor

    def __init__(self, convolution: FirstConvolution, cells: int) -> None:
        super().__init__()
        self.register_buffer("ones_1P", torch.ones(1, cells))
        self.register_buffer("bias_1O", convolution.bias_O[None])

    def forward(self, widened_PO: Tensor, updates: Sequence[Update]) -> Tensor:
        """The prepared cells as the convolution sees them before any layer, and the layers in order -> [P, O]."""
        scale_P = self.ones_1P[0]
        shares, additions = [self.ones_1P], [self.bias_1O]
        for update in reversed(updates):
            scale_P = scale_P * update.scale_P
            shares.append(update.shares_KP * scale_P)
            additions.append(update.additions_KO)
        return torch.cat(shares).T @ torch.cat(additions) + widened_PO * scale_P[:, None]
