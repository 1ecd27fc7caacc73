"""Layers spelled out for training on a CPU, where the backward pass of the usual operator is slow.

Same parameters, and the same results up to rounding; nothing here is used for answers or exports.

Shape letters: B batch, C c channels, h w grid cells, P cells (h * w), N prompts, M masks, R rows, K kernel side.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.modeling.common import LayerNorm2d


def trains_on_cpu(module: nn.Module, x: Tensor) -> bool:
    """Whether `module` should take these forms for its input `x`."""
    return module.training and not x.is_cuda


def working_dtype(x: Tensor) -> torch.dtype:
    """What autocast has products computed in, otherwise the dtype of `x`."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def depthwise(x_BChw: Tensor, conv: nn.Conv2d) -> Tensor:
    """`conv`, which is depthwise with a bias and keeps the grid's size: [B, C, h, w].

    There and back in bfloat16 three (16 x 16 cells) to six times (64 x 64) as fast as the library's.
    """
    assert conv.bias is not None
    dtype = working_dtype(x_BChw)
    result: Tensor = Depthwise.apply(x_BChw.to(dtype), conv.weight.to(dtype), conv.bias.to(dtype))
    return result


class Depthwise(torch.autograd.Function):
    """The kernel's gradient is K * K sums of shifted products, the input's a convolution with the flipped kernel."""

    @staticmethod
    def forward(ctx: Any, x_BChw: Tensor, weight_C1KK: Tensor, bias_C: Tensor) -> Tensor:
        ctx.save_for_backward(x_BChw, weight_C1KK)
        pad = weight_C1KK.shape[-1] // 2
        return F.conv2d(x_BChw, weight_C1KK, bias_C, padding=pad, groups=len(weight_C1KK))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x_BChw, weight_C1KK = ctx.saved_tensors
        gradient_BChw = gradients[0].contiguous(memory_format=torch.channels_last)
        side = weight_C1KK.shape[-1]
        pad = side // 2
        of_x = F.conv2d(gradient_BChw, weight_C1KK.flip(2, 3), padding=pad, groups=len(weight_C1KK))
        gradient_BhwC = gradient_BChw.permute(0, 2, 3, 1)
        _, h, w, _ = gradient_BhwC.shape
        padded_BhwC = F.pad(x_BChw.permute(0, 2, 3, 1), (0, 0, pad, pad, pad, pad))
        taps = [
            (gradient_BhwC * padded_BhwC[:, row : row + h, column : column + w]).sum((0, 1, 2))
            for row in range(side)
            for column in range(side)
        ]
        of_weight = torch.stack(taps, dim=1).reshape(weight_C1KK.shape)
        return of_x, of_weight, gradient_BhwC.sum((0, 1, 2))


def masks_from_cells(
    cells_NPC: Tensor, upscaling: nn.Sequential, hyper_NMc: Tensor, grid: tuple[int, ...]
) -> Tensor:
    """Low-res logits [N, M, 4h, 4w] of the decoder's upscaling and hypernetworks, as products of rows.

    Its kernels of 2 x 2 and stride 2 do not overlap, so each cell becomes the rows of its own 4 x 4 pixels, and only
    the finished masks are put in the picture's order. `grid`: h and w.
    """
    first, norm, first_act, second, second_act = upscaling
    assert isinstance(first, nn.ConvTranspose2d)
    assert isinstance(second, nn.ConvTranspose2d)
    assert isinstance(norm, LayerNorm2d)
    N, P, C = cells_NPC.shape
    quarters_Rc = first_act(norm.of_rows(rows_of_transposed(cells_NPC.reshape(N * P, C), first)))
    pixels_Rc = second_act(rows_of_transposed(quarters_Rc, second))
    masks = pixels_Rc.view(N, P * 16, -1) @ hyper_NMc.to(pixels_Rc.dtype).transpose(1, 2)
    h, w = grid
    # Rows and columns of the cell, of the quarter in it and of the pixel in that; then the mask.
    masks = masks.view(N, h, w, 2, 2, 2, 2, -1).permute(0, 7, 1, 3, 5, 2, 4, 6)
    return masks.reshape(N, -1, 4 * h, 4 * w)


def rows_of_transposed(x_RC: Tensor, conv: nn.ConvTranspose2d) -> Tensor:
    """A transposed convolution of 2 x 2 and stride 2, cell by cell: [R, C] -> [4R, c], a cell's four in a row."""
    assert conv.bias is not None
    width = conv.out_channels
    weight = conv.weight.permute(2, 3, 1, 0).reshape(4 * width, -1)
    return F.linear(x_RC, weight, conv.bias.repeat(4)).view(-1, width)
