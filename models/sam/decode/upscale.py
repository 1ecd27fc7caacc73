"""The decoder's two transposed convolutions (kernel 2, stride 2) as matrix products on rows.

Shape letters: P = E * E image cells, C width, M masks, K = C / 8, L = 4E low-res side; O = C / 2: two quarters of a cell
side by side, by C / 4 channels; o = C / 4: two quarters of a quarter, by K channels.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.decode.activation import in_tanh_form, positive
from models.sam.decode.attention import centred
from models.sam.decode.norm import CentredNorm
from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.mask_smoothing import MOVES, MaskSmoothing


class FirstConvolution(nn.Module):
    """The first one as two matrices, for the upper and the lower quarters of the cells. `offset_C` is added to every cell
    first."""

    weight_2CO: Tensor
    bias_2O: Tensor

    def __init__(self, upscaling: nn.Sequential, offset_C: Tensor) -> None:
        super().__init__()
        first = next(upscaling.children())
        assert isinstance(first, nn.ConvTranspose2d)
        # The norm runs over the channels of each quarter of a cell.
        weight_C4o, bias_4o = centred(quarters(first)), centred(repeated_bias(first))
        weight_2CO = torch.stack([half.flatten(1) for half in weight_C4o.chunk(2, dim=1)])
        self.register_buffer("weight_2CO", weight_2CO)
        self.register_buffer("bias_2O", bias_4o.reshape(2, -1) + offset_C @ weight_2CO)

    def forward(self, rows_PC: Tensor) -> list[Tensor]:
        """Cells [P, C] without their offset -> their upper quarters [P, O] and their lower ones."""
        return [
            rows_PC @ weight_CO + bias_O
            for weight_CO, bias_O in zip(self.weight_2CO, self.bias_2O, strict=True)
        ]


class UpscaleRows(nn.Module):
    """What follows the first convolution, its activations `in_tanh_form` or as they are.

    A cell's four rows of pixels are computed one after the other, each for all cells, so that a picture's rows come out
    whole: they only have to be put in turn, where single pixels would have to be moved.
    """

    floor: Tensor
    second_weight_2Co: Tensor
    second_bias_2o: Tensor

    def __init__(
        self,
        upscaling: nn.Sequential,
        grid: tuple[int, int],
        *,
        smoothing: MaskSmoothing | None = None,
        by_tanh: bool = False,
    ) -> None:
        super().__init__()
        self.moves: Sequence[int] = () if smoothing is None else MOVES[smoothing.side]
        _, norm, activation, second, last = upscaling.children()
        self.activation, self.last = (
            in_tanh_form(layer) if by_tanh else layer for layer in (activation, last)
        )
        assert isinstance(norm, LayerNorm2d)
        assert isinstance(second, nn.ConvTranspose2d)
        self.grid = grid
        self.norm, self.norm_bias = CentredNorm(norm), nn.Parameter(norm.bias.detach())
        weight_2Co = torch.stack([half.flatten(1) for half in quarters(second).chunk(2, dim=1)])
        bias_2o = repeated_bias(second).reshape(2, -1)
        self.is_relu = isinstance(self.activation, nn.ReLU)
        if self.is_relu:
            # relu(x + b) is max(x, -b) + b, whose b goes on into the next bias: one pass over long rows, not two.
            self.register_buffer("floor", -self.norm_bias.detach().repeat(2 * grid[1]))
            bias_2o = bias_2o + self.norm_bias.detach() @ weight_2Co
        self.register_buffer("second_weight_2Co", weight_2Co)
        self.register_buffer("second_bias_2o", bias_2o)

    def forward(self, halves: Sequence[Tensor], hyper_MK: Tensor) -> Tensor:
        """What the first convolution answers, [P, O] twice, and mask vectors [M, K] -> logits [1, M, L, L]."""
        masks, (height, width) = hyper_MK.shape[0], self.grid
        hyper_MK = hyper_MK / 4 ** len(self.moves)  # what `blurred` adds up to
        lines = []
        for widened_PO in halves:
            x = self.norm(widened_PO.reshape(-1, self.norm_bias.shape[0]))  # [2P, C / 4]
            if self.is_relu:
                x = torch.maximum(x.reshape(height, -1), self.floor).reshape(x.shape)
            else:
                x = self.activation(x + self.norm_bias)
            for weight_Co, bias_o in zip(self.second_weight_2Co, self.second_bias_2o, strict=True):
                y = x @ weight_Co + bias_o
                y = positive(y) if self.is_relu else self.last(y)
                # Long rows of few masks, not many rows as short as there are masks.
                line = hyper_MK @ y.reshape(-1, hyper_MK.shape[1]).T
                lines.append(line.reshape(masks, height, 1, 4 * width))
        return blurred(torch.cat(lines, dim=2).reshape(masks, 4 * height, 4 * width), self.moves)


def blurred(x_MHW: Tensor, moves: Sequence[int]) -> Tensor:
    """`MaskSmoothing` times 4 for each move: neighbours added up, [1, M, H, W].

    A move is one operator, a padding that is negative on one side; what it brings in from beyond the padded
    picture ends up in the rows and columns that are cut off. Along rows the whole picture is one long row: what runs over
    from one row into the next falls on their padding.
    """
    if not moves:
        return x_MHW[None]
    masks, height, width = x_MHW.shape
    reach = sum(moves)
    x = F.pad(x_MHW, [reach // 2] * 4)
    for move in moves:
        x = x + F.pad(x, [0, 0, -move, move])
    x = x.flatten()
    for move in moves:
        x = x + F.pad(x, [-move, move])
    # Cut last and with the axis of images: whatever comes after would be one more copy, as results have their own memory.
    return F.pad(x.reshape(1, masks, height + reach, width + reach), [0, -reach, 0, -reach])


def quarters(convolution: nn.ConvTranspose2d) -> Tensor:
    """Weight [in, out, 2, 2] as [in, 4, out]: the four quarters of a cell lie side by side."""
    return convolution.weight.detach().permute(0, 2, 3, 1).flatten(1, 2).contiguous()


def repeated_bias(convolution: nn.ConvTranspose2d) -> Tensor:
    """Bias [out] as [4, out]."""
    assert convolution.bias is not None
    return convolution.bias.detach().expand(4, -1)
