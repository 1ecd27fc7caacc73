"""Layers the encoders and the decoder share.

Shape suffixes: B batch, C channels, H W side in cells, N tokens.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MLPBlock(nn.Module):
    """Two linear layers with an activation between, on the last axis; width is kept."""

    def __init__(self, embedding_dim: int, mlp_dim: int, act: type[nn.Module] = nn.GELU) -> None:
        super().__init__()
        self.lin1 = nn.Linear(embedding_dim, mlp_dim)
        self.lin2 = nn.Linear(mlp_dim, embedding_dim)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return self.lin2(self.act(self.lin1(x)))


class LayerNorm2d(nn.Module):
    """Layer norm over the channels of every pixel of `x_BCHW`: biased variance, eps 1e-6, affine."""

    def __init__(self, num_channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_channels))
        self.bias = nn.Parameter(torch.zeros(num_channels))
        self.eps = eps

    def forward(self, x_BCHW: Tensor) -> Tensor:
        # Channels last and back are views; the convolutions that follow like that layout on a CPU anyway.
        return self.of_rows(x_BCHW.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    def of_rows(self, x: Tensor) -> Tensor:
        """The same of pixels whose channels are the last axis, of any shape."""
        return F.layer_norm(x, (self.weight.shape[0],), self.weight, self.bias, self.eps)


def plain_attention(q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
    """softmax(scale * q k^T) v over the last two axes, spelled out."""
    logits = (q * scale) @ k.transpose(-2, -1)
    return logits.softmax(dim=-1) @ v
