"""The first up-convolution without the rows it reads.

After n layers the rows are what was prepared, scaled cell by cell, and a few rows of weights times what each adds:
norms scale cells and channels, layers add products of few rows. The convolution is a matrix, which may be applied to
what was prepared (once per image) and to the additions (few rows) instead of to all cells: exact apart from rounding,
and cheaper while all layers' weights have fewer rows than the width.

Shape letters: P image cells, C width, O outputs of one half of the convolution (`upscale.FirstConvolution`), K rows of
weights of a layer, X = 2 O.
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

    shares_PK: Tensor
    additions_KX: Tensor  # both halves side by side
    scale_P1: Tensor  # reciprocal root mean square of the layer's norm


def is_worth_it(sam: Sam, blocks: Sequence[TwoWayAttentionBlock]) -> bool:
    """Whether usual prompts save at least a third of the convolution, which pays for weighing what is added up.

    Measured at SAM's width: a click takes 9 % less time, one of 15 slots 3 % more. A convolution with fewer outputs than
    the cells have channels has less to save, and what is weighed stays: with half of them a click takes 4 % more.
    """
    encoder = sam.prompt_encoder
    first = next(sam.mask_decoder.output_upscaling.children())
    assert isinstance(first, nn.ConvTranspose2d)
    if 4 * first.out_channels < first.in_channels:
        return False
    rows = (USUAL_TOKENS - 1) * sum(block.cross_attn_image_to_token.num_heads for block in blocks)
    if encoder.prompt_widening is not None:
        rows += encoder.prompt_widening.in_features
    else:
        for part in (encoder.prompt_maps, encoder.prompt_similarity):
            rows += 0 if part is None else part.project.in_features
    return 3 * rows <= 2 * encoder.embed_dim


def seen_by_convolution(
    blocks: Sequence[TwoWayAttentionBlock], convolution: FirstConvolution
) -> list[Tensor]:
    """For each block the matrix [C, X] from what it adds to the cells to what the convolution makes of it."""
    matrices = [torch.cat([*convolution.weight_2CO], dim=1)]
    for block in reversed(blocks):
        matrices.append(gain_of(block.norm4)[:, None] * matrices[-1])
    return matrices[:0:-1]


class LowRankConvolution(nn.Module):
    """`FirstConvolution` of rows that are known by what each layer did to them."""

    ones_P1: Tensor
    bias_1X: Tensor

    def __init__(self, convolution: FirstConvolution, cells: int) -> None:
        super().__init__()
        self.register_buffer("ones_P1", torch.ones(cells, 1))
        self.register_buffer("bias_1X", convolution.bias_2O.reshape(1, -1))

    def forward(self, halves: Sequence[Tensor], updates: Sequence[Update]) -> list[Tensor]:
        """The prepared cells as the convolution's halves see them before any layer, [P, O] each, and the layers in order
        -> what `FirstConvolution` answers."""
        scale_P1 = self.ones_P1
        shares, additions = [self.ones_P1], [self.bias_1X]
        for update in reversed(updates):
            scale_P1 = scale_P1 * update.scale_P1
            shares.append(update.shares_PK * scale_P1)
            additions.append(update.additions_KX)
        shares_PK, additions_KX = torch.cat(shares, dim=1), torch.cat(additions)
        width = halves[0].shape[1]
        return [
            shares_PK @ additions_KX[:, half * width : (half + 1) * width] + half_PO * scale_P1
            for half, half_PO in enumerate(halves)
        ]
