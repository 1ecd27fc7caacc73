"""The decoder's upscaling where torch runs it, a band of the picture at a time.

Widened to pixels a picture is sixteen times its cells, and passes over that go to memory; what a band becomes on its way
stays in a processor's cache. Measured at SAM's width on one core: less than half of the time of `upscale.UpscaleRows`,
which is written for the operators of WebAssembly.

Shape letters as in `upscale`; H grid rows of a band, c its cells.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.decode.upscale import blurred, quarters, repeated_bias
from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.mask_smoothing import MOVES, MaskSmoothing

ROWS = 16  # of the grid, in a band on a CPU


class UpscaleBands:
    """`UpscaleRows` of the same modules, first convolution left out as there."""

    def __init__(
        self, upscaling: nn.Sequential, grid: tuple[int, int], smoothing: MaskSmoothing | None
    ) -> None:
        self.moves: Sequence[int] = () if smoothing is None else MOVES[smoothing.side]
        _, norm, self.activation, second, self.last = upscaling.children()
        assert isinstance(norm, LayerNorm2d)
        assert isinstance(second, nn.ConvTranspose2d)
        self.norm, self.grid = norm, grid
        self.halves = [
            (half_o2K.flatten(1), bias_2K.flatten())
            for half_o2K, bias_2K in zip(
                quarters(second).chunk(2, dim=1), repeated_bias(second).chunk(2), strict=True
            )
        ]

    def __call__(self, widened: Callable[[slice], Sequence[Tensor]], hyper_MK: Tensor) -> Tensor:
        """Mask vectors [M, K] -> logits [M, L, L]. `widened`: the upper and the lower quarters [c, O] of the cells of a
        slice."""
        height, width = self.grid
        rows = ROWS if hyper_MK.device.type == "cpu" else height
        hyper_MK = hyper_MK / 4 ** len(self.moves)  # what `blurred` adds up to
        bands = [
            self._band(widened(slice(top * width, min(top + rows, height) * width)), hyper_MK)
            for top in range(0, height, rows)
        ]
        return blurred(torch.cat(bands, dim=1), self.moves)[0]

    def _band(self, halves: Sequence[Tensor], hyper_MK: Tensor) -> Tensor:
        """[M, 4 * H, L]."""
        masks, width, norm = hyper_MK.shape[0], 4 * self.grid[1], self.norm
        lines = []
        for half_cO in halves:
            x = half_cO.reshape(-1, norm.weight.shape[0])  # [2c, C / 4]
            x = self.activation(F.layer_norm(x, x.shape[1:], norm.weight, norm.bias, norm.eps))
            for weight_oX, bias_X in self.halves:
                y = self.last((x @ weight_oX).add_(bias_X))
                # Long rows of few masks, not many rows as short as there are masks.
                lines.append((hyper_MK @ y.reshape(-1, hyper_MK.shape[1]).T).reshape(masks, -1, width))
        return torch.stack(lines, dim=2).flatten(1, 2)
