"""The decoder's two transposed convolutions (kernel 2, stride 2) as matrix products on rows.

Shape letters: P = E * E image cells, C width, M masks, K = C / 8, L = 4E low-res side, O = C: a cell's quarters by
C / 4 channels.
"""

import torch
from torch import Tensor, nn

from models.sam.decode.attention import centred
from models.sam.decode.norm import CentredNorm
from models.sam.modeling.common import LayerNorm2d


class FirstConvolution(nn.Module):
    """The first one as a matrix. `offset_C` is added to every cell first."""

    weight_CO: Tensor
    bias_O: Tensor

    def __init__(self, upscaling: nn.Sequential, offset_C: Tensor) -> None:
        super().__init__()
        first = next(upscaling.children())
        assert isinstance(first, nn.ConvTranspose2d)
        # The norm runs over the channels of each quarter of a cell.
        weight_C4o, bias_4o = centred(quarters(first)), centred(repeated_bias(first))
        self.register_buffer("weight_CO", weight_C4o.flatten(1))
        self.register_buffer("bias_O", bias_4o.flatten() + offset_C @ self.weight_CO)

    def forward(self, rows_PC: Tensor) -> Tensor:
        """Cells [P, C] without their offset -> [P, O]."""
        return rows_PC @ self.weight_CO + self.bias_O


class UpscaleRows(nn.Module):
    """What follows the first convolution, its activations `in_tanh_form` or as they are. Only finished masks are put into
    picture order."""

    floor_O: Tensor
    second_weight: Tensor
    second_bias: Tensor

    def __init__(self, upscaling: nn.Sequential, grid: tuple[int, int], *, by_tanh: bool = False) -> None:
        super().__init__()
        _, norm, activation, second, last = upscaling.children()
        self.activation, self.last = (
            in_tanh_form(layer) if by_tanh else layer for layer in (activation, last)
        )
        assert isinstance(norm, LayerNorm2d)
        assert isinstance(second, nn.ConvTranspose2d)
        self.grid = grid
        self.norm, self.norm_bias = CentredNorm(norm), nn.Parameter(norm.bias.detach())
        self.register_buffer("second_weight", quarters(second).flatten(1))
        second_bias = repeated_bias(second).flatten()
        self.is_relu = isinstance(self.activation, nn.ReLU)
        if self.is_relu:
            # relu(x + b) is max(x, -b) + b, whose b goes on into the next bias: one pass over long rows, not two.
            self.register_buffer("floor_O", -self.norm_bias.detach().repeat(4))
            second_bias = second_bias + self.norm_bias.detach() @ self.second_weight
        self.register_buffer("second_bias", second_bias)

    def forward(self, widened_PO: Tensor, hyper_MK: Tensor) -> Tensor:
        """What the first convolution answers [P, O] and mask vectors [M, K] -> logits [M, L, L]."""
        x = self.norm(widened_PO.reshape(-1, self.norm_bias.shape[0]))  # [4P, C / 4]
        if self.is_relu:
            x = torch.maximum(x.reshape(widened_PO.shape), self.floor_O).reshape(x.shape)
        else:
            x = self.activation(x + self.norm_bias)
        x = self.last(x @ self.second_weight + self.second_bias)
        # The many rows stay on the left, where a matrix product takes them as they lie.
        logits = x.reshape(-1, hyper_MK.shape[1]) @ hyper_MK.T  # [16P, M]
        masks, (height, width) = hyper_MK.shape[0], self.grid
        # A cell's pixels come as (row, column) of its quarter, then of the quarter's quarter.
        tiles = logits.reshape(height, width, 2, 2, 2, 2, masks)
        return tiles.permute(6, 0, 2, 4, 1, 3, 5).reshape(masks, 4 * height, 4 * width)


def in_tanh_form(activation: nn.Module) -> nn.Module:
    """GELU by tanh instead of erf (Hendrycks and Gimpel, section 2); others as they are.

    A fifth of a click went into erf over three million values, which WebAssembly takes twice as long for as for tanh.
    The forms differ by at most 5e-4, no more than weights stored as float16 make of values around 1.
    """
    return nn.GELU("tanh") if isinstance(activation, nn.GELU) else activation


def quarters(convolution: nn.ConvTranspose2d) -> Tensor:
    """Weight [in, out, 2, 2] as [in, 4, out]: the four quarters of a cell lie side by side."""
    return convolution.weight.detach().permute(0, 2, 3, 1).flatten(1, 2).contiguous()


def repeated_bias(convolution: nn.ConvTranspose2d) -> Tensor:
    """Bias [out] as [4, out]."""
    assert convolution.bias is not None
    return convolution.bias.detach().expand(4, -1)
