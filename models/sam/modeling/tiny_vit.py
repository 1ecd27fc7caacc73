"""TinyViT-5M, the image encoder of MobileSAM: convolutions at stride 4, then attention in windows at 8 and 16.

Sources: TinyViT (arXiv 2207.10666, section 3.2) for the stages, MobileSAM (arXiv 2306.14289, section 3) for their place
in SAM: no stride before the last stage, and SAM's neck. Batch norms never look at a batch (`ConvNorm`).

Proved: names and shapes are those of the published code's model, and with weights made from names that code gives the
same embeddings and masks (`parity/fullsize.py`). Not proved: the published file itself was never loaded here.

Shape letters: B images, H W grid cells, C channels, N = w * w tokens of a window of side w, K heads.
"""

from collections import OrderedDict
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.image_encoder import window_partition, window_unpartition


@dataclass(frozen=True)
class TinyViTConfig:
    """Numbers of one TinyViT, by default MobileSAM's. The first stage is convolutions, the others attention.

    `strides`: of the step down after each stage but the last. `num_heads` and `window_sizes` (in cells) are those of the
    stages with attention. `num_classes`: width of the classifier, which nothing uses but which published files hold.
    """

    widths: tuple[int, ...] = (64, 128, 160, 320)
    depths: tuple[int, ...] = (2, 2, 6, 2)
    strides: tuple[int, ...] = (2, 2, 1)
    num_heads: tuple[int, ...] = (4, 5, 10)
    window_sizes: tuple[int, ...] = (7, 14, 7)
    expand_ratio: int = 4
    mlp_ratio: int = 4
    num_classes: int = 1000

    @property
    def stride(self) -> int:
        """Input pixels per embedding cell."""
        stride = PatchEmbed.stride
        for step in self.strides:
            stride *= step
        return stride

    @property
    def takes_windows(self) -> bool:
        """Its positions are those of the whole input."""
        return False

    def embedding_side(self, image_size: int) -> int:
        """Side E of the embedding grid for a square input of `image_size` pixels; ValueError if that is not whole."""
        self.check_side(image_size)
        return image_size // self.stride

    def check_side(self, *sides: int) -> None:
        """ValueError unless every side is a positive multiple of the stride."""
        if any(side < self.stride or side % self.stride for side in sides):
            raise ValueError(f"input sides must be multiples of {self.stride}, got {sides}")

    def build(self, image_size: int, out_channels: int) -> nn.Module:
        """The encoder; it needs no `image_size`, because positions are known within windows only."""
        self.check_side(image_size)
        return TinyViT(self, out_channels)


class ConvNorm(nn.Module):
    """A convolution `c` without bias, then the batch norm `bn` with the statistics it was loaded with.

    Those are used in training too: the few images of a step are no measure, and what is exported is what was trained.
    An affine map of a convolution is a convolution, so the norm costs no pass over the pixels.
    """

    def __init__(
        self, width_in: int, width_out: int, side: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.c = nn.Conv2d(width_in, width_out, side, stride, side // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(width_out)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        mean, variance = self.bn.running_mean, self.bn.running_var
        assert mean is not None
        assert variance is not None
        scale = self.bn.weight * (variance + self.bn.eps).rsqrt()
        weight = self.c.weight * scale[:, None, None, None]
        bias = self.bn.bias - mean * scale
        return F.conv2d(x_BCHW, weight, bias, self.c.stride, self.c.padding, groups=self.c.groups)


class PatchEmbed(nn.Module):
    """Images [B, 3, S, S] -> [B, C, S/4, S/4] by two convolutions of stride 2."""

    stride = 4

    def __init__(self, width: int) -> None:
        super().__init__()
        self.seq = nn.Sequential(
            ConvNorm(3, width // 2, 3, stride=2), nn.GELU(), ConvNorm(width // 2, width, 3, stride=2)
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.seq(x_BCHW)


class MBConv(nn.Module):
    """Widened 1x1, depthwise 3x3, narrowed 1x1; the last activation comes after the residual sum."""

    def __init__(self, width: int, expand_ratio: int) -> None:
        super().__init__()
        hidden = width * expand_ratio
        self.conv1 = ConvNorm(width, hidden)
        self.conv2 = ConvNorm(hidden, hidden, 3, groups=hidden)
        self.conv3 = ConvNorm(hidden, width)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x = F.gelu(self.conv2(F.gelu(self.conv1(x_BCHW))))
        return F.gelu(x_BCHW + self.conv3(x))


class Downsample(nn.Module):
    """To the next stage's width by 1x1, down by a depthwise 3x3 of `stride`, and 1x1; no activation at the end."""

    def __init__(self, width_in: int, width_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(width_in, width_out)
        self.conv2 = ConvNorm(width_out, width_out, 3, stride, groups=width_out)
        self.conv3 = ConvNorm(width_out, width_out)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x_BCHW)))))


def offset_indices(window_size: int) -> Tensor:
    """Which bias each pair of a window's cells takes, int64 [N, N] of queries and keys: |dy| * w + |dx|.

    That is the order in which the distances (|dy|, |dx|) are first met when all pairs are gone through row by row.
    """
    # On the CPU even where the rest is built on "meta": it is in no file.
    side = torch.arange(window_size, device="cpu")
    cells = torch.cartesian_prod(side, side)
    distance = (cells[:, None] - cells[None, :]).abs()
    return distance[..., 0] * window_size + distance[..., 1]


class WindowAttention(nn.Module):
    """Layer norm and self-attention within windows [B, N, C], with one learned bias per head and distance.

    The norm is in here, after windows were filled up with zeros: the cells that were added become its bias, and others
    attend to them.
    """

    bias_indices: Tensor

    def __init__(self, width: int, num_heads: int, window_size: int) -> None:
        super().__init__()
        if width % num_heads:
            raise ValueError(f"width {width} is not divisible by num_heads {num_heads}")
        self.num_heads = num_heads
        self.attention_biases = nn.Parameter(torch.zeros(num_heads, window_size * window_size))
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.register_buffer("bias_indices", offset_indices(window_size), persistent=False)

    def forward(self, x_BNC: Tensor) -> Tensor:
        B, N, C = x_BNC.shape
        # Rows of qkv: the first head's queries, keys and values, then the next one's.
        qkv = self.qkv(self.norm(x_BNC)).view(B, N, self.num_heads, 3, C // self.num_heads)
        q, k, v = qkv.permute(3, 0, 2, 1, 4)  # each [B, K, N, C / K]
        bias_KNN = self.attention_biases[:, self.bias_indices]
        out_BKNc = F.scaled_dot_product_attention(q, k, v, bias_KNN[None].to(q.dtype))
        return self.proj(out_BKNc.transpose(1, 2).reshape(B, N, C))


class TinyViTBlock(nn.Module):
    """Attention in windows, a depthwise 3x3 across their borders, MLP: [B, C, H, W]; the middle one has no residual."""

    def __init__(self, width: int, num_heads: int, window_size: int, mlp_ratio: int) -> None:
        super().__init__()
        self.window_size = window_size
        self.attn = WindowAttention(width, num_heads, window_size)
        self.mlp = nn.Sequential(
            OrderedDict(
                norm=nn.LayerNorm(width),
                fc1=nn.Linear(width, width * mlp_ratio),
                act=nn.GELU(),
                fc2=nn.Linear(width * mlp_ratio, width),
            )
        )
        self.local_conv = ConvNorm(width, width, 3, groups=width)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x_BHWC = x_BCHW.permute(0, 2, 3, 1)
        size = (x_BHWC.shape[1], x_BHWC.shape[2])
        windows, padded = window_partition(x_BHWC, self.window_size)
        attended = self.attn(windows.flatten(1, 2))
        x_BHWC = x_BHWC + window_unpartition(attended, self.window_size, padded, size)
        x_BHWC = self.local_conv(x_BHWC.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return (x_BHWC + self.mlp(x_BHWC)).permute(0, 3, 1, 2)


class Stage(nn.Module):
    """Blocks of one width, then the step down to the next one where there is one."""

    def __init__(self, blocks: list[nn.Module], downsample: Downsample | None) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x_BCHW: Tensor) -> Tensor:
        for block in self.blocks:
            x_BCHW = block(x_BCHW)
        return x_BCHW if self.downsample is None else self.downsample(x_BCHW)


class TinyViT(nn.Module):
    """Photographs [B, 3, S, S], normalised -> embeddings [B, out_channels, S/16, S/16].

    Works at every side that is a multiple of the stride, others raise ValueError. `norm_head` and `head` are the
    classifier it was pre-trained with: unused, but in every published file.
    """

    def __init__(self, config: TinyViTConfig, out_channels: int) -> None:
        super().__init__()
        self.config = config
        widths, steps = config.widths, [*config.strides, None]
        self.patch_embed = PatchEmbed(widths[0])
        self.layers = nn.ModuleList()
        for index, (width, depth, stride) in enumerate(zip(widths, config.depths, steps, strict=True)):
            blocks: list[nn.Module] = [
                TinyViTBlock(
                    width, config.num_heads[index - 1], config.window_sizes[index - 1], config.mlp_ratio
                )
                if index
                else MBConv(width, config.expand_ratio)
                for _ in range(depth)
            ]
            down = None if stride is None else Downsample(width, widths[index + 1], stride)
            self.layers.append(Stage(blocks, down))
        self.norm_head = nn.LayerNorm(widths[-1])
        self.head = nn.Linear(widths[-1], config.num_classes)
        self.neck = nn.Sequential(
            nn.Conv2d(widths[-1], out_channels, kernel_size=1, bias=False),
            LayerNorm2d(out_channels),
            nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False),
            LayerNorm2d(out_channels),
        )

    def forward(self, x_B3SS: Tensor) -> Tensor:
        self.config.check_side(*x_B3SS.shape[-2:])
        x = self.patch_embed(x_B3SS.contiguous(memory_format=torch.channels_last))
        for layer in self.layers:
            x = layer(x)
        return self.neck(x).contiguous()
