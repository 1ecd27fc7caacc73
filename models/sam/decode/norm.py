"""Layer norm of rows whose mean is 0 already, which leaves a root mean square and a gain.

onnxruntime's layer norm is several times slower in WebAssembly than the root-mean-square norm it makes of these
operators on loading. The means are taken where they cost nothing: out of weights, of what was prepared, and of
products with few rows. The norm's bias is not added here either; whoever reads the rows folds it into a constant.
"""

import torch
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d

PARTS = 16  # of a row


class CentredNorm(nn.Module):
    """`norm` for rows of mean 0, without its bias."""

    def __init__(self, norm: nn.LayerNorm | LayerNorm2d) -> None:
        super().__init__()
        self.gain, self.eps = nn.Parameter(gain_of(norm)), norm.eps

    def forward(self, x: Tensor) -> Tensor:
        """[..., C], mean 0 over C -> the same shape."""
        # Written as onnxruntime looks for it: pow, mean, add, sqrt, div, mul become one operator.
        return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + self.eps) * self.gain

    def scale(self, x: Tensor) -> Tensor:
        """[P, C] -> [P, 1]: what `forward` multiplies each row by, beside the gain."""
        # Taken by other operators: onnxruntime would not make one of `forward` if a step of it were read elsewhere. Short
        # rows are added up before what is in them, which is faster.
        squares = (x * x).unflatten(1, (PARTS, -1)).sum(dim=1).sum(dim=1, keepdim=True)
        return (squares / x.shape[-1] + self.eps).rsqrt()


def gain_of(norm: nn.LayerNorm | LayerNorm2d) -> Tensor:
    """The norm's weight [C]."""
    return norm.weight.detach()
