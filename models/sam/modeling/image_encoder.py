"""The plain ViT image encoder of SAM: windowed and global attention, decomposed relative positions (ViTDet
style).

Shape suffixes: B images or windows, H W grid in patches, C width, T = H*W tokens, D head width.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d, MLPBlock

# A float32 bias of 4096 x 4096 tokens takes 64 MiB per head; more than this many elements are never made at once. On a
# CPU they are to stay in its cache on their way from the sum to the softmax.
MAX_BIAS_ELEMENTS = {"cpu": 1 << 20, "cuda": 8 * 4096 * 4096}


@dataclass(frozen=True)
class ViTConfig:
    """Numbers of one ViT encoder: `window_size` in patches, `global_attn_indexes` in blocks from 0.

    `drop_path` is the chance of the last block to be skipped by an image in training; it grows linearly from 0.
    """

    width: int
    depth: int
    num_heads: int
    global_attn_indexes: tuple[int, ...]
    window_size: int = 14
    patch_size: int = 16
    mlp_ratio: int = 4
    drop_path: float = 0.0

    @property
    def takes_windows(self) -> bool:
        """Its positions are those of the whole input."""
        return False

    def embedding_side(self, image_size: int) -> int:
        """Side of the embedding grid in cells for an input of `image_size` pixels."""
        return image_size // self.patch_size

    def build(self, image_size: int, out_channels: int) -> nn.Module:
        """The encoder: [B, 3, S, S] -> [B, out_channels, E, E]."""
        return ImageEncoderViT(self, image_size, out_channels)


class ImageEncoderViT(nn.Module):
    """Photographs [B, 3, S, S], normalised -> embeddings [B, out_channels, S/16, S/16].

    At another side than the one it was built for, the position table is resized (training starts small).
    """

    def __init__(self, config: ViTConfig, img_size: int, out_chans: int) -> None:
        super().__init__()
        self.img_size = img_size
        grid = config.embedding_side(img_size)
        self.patch_embed = PatchEmbed(config.patch_size, config.width)
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, config.width))
        self.blocks = nn.ModuleList(
            Block(
                config.width,
                config.num_heads,
                config.mlp_ratio,
                window_size=0 if index in config.global_attn_indexes else config.window_size,
                grid=grid,
                drop_path=config.drop_path * index / max(1, config.depth - 1),
            )
            for index in range(config.depth)
        )
        self.neck = nn.Sequential(
            nn.Conv2d(config.width, out_chans, kernel_size=1, bias=False),
            LayerNorm2d(out_chans),
            nn.Conv2d(out_chans, out_chans, kernel_size=3, padding=1, bias=False),
            LayerNorm2d(out_chans),
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x_BHWC = self.patch_embed(x_BCHW)
        x_BHWC = x_BHWC + resized_positions(self.pos_embed, (x_BHWC.shape[1], x_BHWC.shape[2]))
        for block in self.blocks:
            x_BHWC = block(x_BHWC)
        return self.neck(x_BHWC.permute(0, 3, 1, 2))


class PatchEmbed(nn.Module):
    """Non-overlapping patches through one convolution: [B, 3, S, S] -> [B, S/p, S/p, C]."""

    def __init__(self, patch_size: int, embed_dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, embed_dim, kernel_size=patch_size, stride=patch_size)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.proj(x_BCHW).permute(0, 2, 3, 1)


class Block(nn.Module):
    """Pre-norm transformer block on a grid [B, H, W, C]; `window_size` 0 means global attention.

    In training, each of the two residual branches is left out for an image with probability `drop_path`.
    """

    def __init__(
        self, dim: int, num_heads: int, mlp_ratio: int, window_size: int, grid: int, drop_path: float = 0.0
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, num_heads, window_size or grid)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = MLPBlock(dim, dim * mlp_ratio)
        self.window_size = window_size
        self.drop_path = drop_path

    def forward(self, x_BHWC: Tensor) -> Tensor:
        x = self.norm1(x_BHWC)
        if self.window_size:
            # Padding comes after the norm and is not masked: padded tokens take part with q, k, v equal to
            # the bias.
            size = (x.shape[1], x.shape[2])
            windows, padded = window_partition(x, self.window_size)
            x = window_unpartition(self.attn(windows), self.window_size, padded, size)
        else:
            x = self.attn(x)
        x = x_BHWC + self._kept(x)
        return x + self._kept(self.mlp(self.norm2(x)))

    def _kept(self, branch_BHWC: Tensor) -> Tensor:
        """The branch, zero for some images of a training batch and enlarged for the others: the mean stays."""
        if not self.training or self.drop_path == 0:
            return branch_BHWC
        keep = 1 - self.drop_path
        chance = torch.rand(len(branch_BHWC), 1, 1, 1, device=branch_BHWC.device)
        return branch_BHWC * ((chance < keep) / keep).to(branch_BHWC.dtype)


class Attention(nn.Module):
    """Self-attention on a grid with one relative position table per axis, sized for `side` x `side` cells."""

    def __init__(self, dim: int, num_heads: int, side: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        head_dim = dim // num_heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, head_dim))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, head_dim))

    def forward(self, x_BHWC: Tensor) -> Tensor:
        batch, height, width, _ = x_BHWC.shape
        qkv = self.qkv(x_BHWC).reshape(batch, height * width, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.flatten(1, 2).unbind(0)  # each [B*heads, T, D]
        out = self._attend(q, k, v, (height, width))
        out = out.reshape(batch, self.num_heads, height, width, -1).permute(0, 2, 3, 1, 4)
        return self.proj(out.flatten(3))

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, size: tuple[int, int]) -> Tensor:
        """Attention of q, k, v [B * heads, T, D] on a grid of `size` (H, W): as many heads at a time as the bias may
        take, and of a head that alone takes more, as many rows of the grid."""
        heads, tokens, _ = q.shape
        most = MAX_BIAS_ELEMENTS["cpu" if q.device.type == "cpu" else "cuda"]
        step = max(1, most // (tokens * tokens))
        rows = min(size[0], max(1, most // (step * size[1] * tokens)))
        parts = []
        for first in range(0, heads, step):
            some = slice(first, first + step)
            biases = RelativePositions(q[some], self.rel_pos_h, self.rel_pos_w, size)
            for row in range(0, size[0], rows):
                asking = slice(row * size[1], (row + rows) * size[1])
                # As an additive bias of the fused kernel this takes less than half of the time of matmul, sum and softmax
                # on a CPU.
                bias = biases.of_rows(row, row + rows)
                parts.append(
                    F.scaled_dot_product_attention(
                        q[some, None, asking], k[some, None], v[some, None], bias[:, None]
                    )[:, 0]
                )
        groups = range(0, len(parts), -(-size[0] // rows))
        by_head = [torch.cat(parts[group : group + groups.step], dim=1) for group in groups]
        return torch.cat(by_head)


def resized_positions(table_1HWC: Tensor, size: tuple[int, int]) -> Tensor:
    """A position table for a grid of `size` (H, W), bicubic; the table itself if it fits."""
    if table_1HWC.shape[1:3] == size:
        return table_1HWC
    table_1CHW = table_1HWC.permute(0, 3, 1, 2)
    return F.interpolate(table_1CHW, size=size, mode="bicubic", antialias=True).permute(0, 2, 3, 1)


def window_partition(x_BHWC: Tensor, window_size: int) -> tuple[Tensor, tuple[int, int]]:
    """Windows [B * windows, w, w, C], row-major, and the (H, W) after zero-padding right and bottom."""
    batch, height, width, channels = x_BHWC.shape
    x = F.pad(x_BHWC, (0, 0, 0, -width % window_size, 0, -height % window_size))
    padded = (x.shape[1], x.shape[2])
    x = x.reshape(
        batch, padded[0] // window_size, window_size, padded[1] // window_size, window_size, channels
    )
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, window_size, window_size, channels), padded


def window_unpartition(
    windows: Tensor, window_size: int, padded: tuple[int, int], size: tuple[int, int]
) -> Tensor:
    """Undo `window_partition`, cropping the padding: [B, H, W, C] of `size` (H, W)."""
    rows, columns = padded[0] // window_size, padded[1] // window_size
    x = windows.reshape(-1, rows, columns, window_size, window_size, windows.shape[-1])
    x = x.permute(0, 1, 3, 2, 4, 5).reshape(-1, padded[0], padded[1], windows.shape[-1])
    return x[:, : size[0], : size[1]]


def relative_positions(query_size: int, key_size: int, table: Tensor) -> Tensor:
    """Rows of `table` [2n-1, D] for all pairs along one axis: [query_size, key_size, D].

    A table of another length is resized linearly. When the sides differ, the shorter axis is stretched over
    the longer.
    """
    length = 2 * max(query_size, key_size) - 1
    if table.shape[0] != length:
        table = F.interpolate(table.T[None], size=length, mode="linear")[0].T
    q = torch.arange(query_size, device=table.device)[:, None] * max(key_size / query_size, 1.0)
    k = torch.arange(key_size, device=table.device)[None, :] * max(query_size / key_size, 1.0)
    offset = (key_size - 1) * max(query_size / key_size, 1.0)
    return table[(q - k + offset).long()]


class RelativePositions:
    """Biases of queries `q` [B, T, D], UNSCALED, on a grid of `size` (H, W), T = H*W row-major."""

    def __init__(self, q: Tensor, table_h: Tensor, table_w: Tensor, size: tuple[int, int]) -> None:
        height, width = size
        self.size = size
        grid = q.reshape(q.shape[0], height, width, q.shape[-1])
        self.by_row = torch.einsum("bhwc,hkc->bhwk", grid, relative_positions(height, height, table_h))
        self.by_column = torch.einsum("bhwc,wkc->bhwk", grid, relative_positions(width, width, table_w))

    def of_rows(self, start: int, end: int) -> Tensor:
        """Of the queries in rows start..end-1 of the grid with all keys: [B, rows*W, T]."""
        by_row, by_column = self.by_row[:, start:end], self.by_column[:, start:end]
        biases = by_row[..., :, None] + by_column[..., None, :]
        return biases.flatten(3).flatten(1, 2)
