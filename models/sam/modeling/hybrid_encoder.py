"""Image encoder of `anymask_s`: convolutions early, attention late, fused back to stride 8.

Not for the ViT of the paper (that is `image_encoder.py`). Made for two CPU cores: the fine grids only see cheap
convolutions, nearly all parameters live at stride 16, and the embedding is returned at stride 8, so that a 512 px
input gives a 64 x 64 grid like SAM's 1024 px one.

Shape letters: B images, H W pixels, h w grid cells, C channels, N = h * w tokens, K heads.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.modeling.common import MLPBlock, plain_attention
from models.sam.modeling.cpu_training import depthwise, trains_on_cpu

STRIDE = 8  # input pixels per embedding cell
SIDE_MULTIPLE = 32  # input sides must be divisible by this


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of x_BChw; on channels-last memory the permutes move no data."""

    def forward(self, x_BChw: Tensor) -> Tensor:
        return super().forward(x_BChw.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Downsample(nn.Sequential):
    """3x3 convolution of stride 2, channel norm, ReLU (cheaper than GELU where the grid is fine)."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__(
            nn.Conv2d(width_in, width_out, 3, stride=2, padding=1, bias=False),
            ChannelNorm(width_out, eps=1e-6),
            nn.ReLU(inplace=True),
        )


class ConvBlock(nn.Module):
    """Residual 3x3 bottleneck-free convolution: x + W2 relu(norm(W1 x)), W1 3x3 and W2 1x1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = ChannelNorm(width, eps=1e-6)
        self.project = nn.Conv2d(width, width, 1)

    def forward(self, x_BChw: Tensor) -> Tensor:
        return x_BChw + self.project(F.relu(self.norm(self.conv(x_BChw))))


class SpatialAttention(nn.Module):
    """Multi-head self-attention among all grid cells; positions come from the depthwise convolutions around it."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        if width % num_heads:
            raise ValueError(f"width {width} is not divisible by num_heads {num_heads}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x_BNC: Tensor) -> Tensor:
        B, N, C = x_BNC.shape
        q, k, v = self.qkv(x_BNC).view(B, N, 3, self.num_heads, C // self.num_heads).permute(2, 0, 3, 1, 4)
        if trains_on_cpu(self, x_BNC):
            # The fused kernel's backward is slower than two plain products on a CPU.
            out_BKNc = plain_attention(q, k, v, (C // self.num_heads) ** -0.5)
        else:
            out_BKNc = F.scaled_dot_product_attention(q, k, v)
        return self.proj(out_BKNc.transpose(1, 2).reshape(B, N, C))


class DepthwiseConv(nn.Conv2d):
    """5x5, each channel by itself."""

    def __init__(self, width: int) -> None:
        super().__init__(width, width, 5, padding=2, groups=width)

    def forward(self, x_BChw: Tensor) -> Tensor:
        return depthwise(x_BChw, self) if trains_on_cpu(self, x_BChw) else super().forward(x_BChw)


class HybridBlock(nn.Module):
    """Depthwise 5x5 (local, and the only source of position), attention if asked for, MLP; pre-norm residuals."""

    def __init__(self, width: int, num_heads: int, mlp_ratio: float, attention: bool) -> None:
        super().__init__()
        self.local = DepthwiseConv(width)
        self.norm1 = nn.LayerNorm(width, eps=1e-6) if attention else None
        self.attn = SpatialAttention(width, num_heads) if attention else None
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLPBlock(width, int(width * mlp_ratio))

    def forward(self, x_BChw: Tensor) -> Tensor:
        B, C, h, w = x_BChw.shape
        x_BChw = x_BChw + self.local(x_BChw)
        x_BNC = x_BChw.permute(0, 2, 3, 1).reshape(B, h * w, C)
        if self.norm1 is not None and self.attn is not None:
            x_BNC = x_BNC + self.attn(self.norm1(x_BNC))
        x_BNC = x_BNC + self.mlp(self.norm2(x_BNC))
        return x_BNC.reshape(B, h, w, C).permute(0, 3, 1, 2)


class DepthwiseBlock(nn.Module):
    """Depthwise 5x5, channel norm, two 1x1 convolutions; residual. The middle stage's block."""

    def __init__(self, width: int, ratio: int) -> None:
        super().__init__()
        self.local = DepthwiseConv(width)
        self.norm = ChannelNorm(width, eps=1e-6)
        self.expand = nn.Conv2d(width, width * ratio, 1)
        self.project = nn.Conv2d(width * ratio, width, 1)

    def forward(self, x_BChw: Tensor) -> Tensor:
        return x_BChw + self.project(F.relu(self.expand(self.norm(self.local(x_BChw)))))


@dataclass(frozen=True)
class HybridConfig:
    """Numbers of a `HybridEncoder`. `widths` are those at stride 2, 4, 8, 16; `depths` the blocks at 4, 8, 16."""

    widths: tuple[int, int, int, int] = (32, 64, 128, 256)
    depths: tuple[int, int, int] = (1, 2, 5)
    attention_blocks: int = 3  # the last so many of the blocks at stride 16
    num_heads: int = 8
    mlp_ratio: float = 4.0

    @property
    def takes_windows(self) -> bool:
        """It has no position table."""
        return True

    def embedding_side(self, image_size: int) -> int:
        """Side E of the embedding grid for a square input of `image_size` pixels; ValueError if not a multiple of 32."""
        check_side(image_size)
        return image_size // STRIDE

    def build(self, image_size: int, out_channels: int) -> nn.Module:
        """The encoder; it needs no `image_size`, because it has no position table."""
        check_side(image_size)
        return HybridEncoder(self, out_channels)


def check_side(*sides: int) -> None:
    """ValueError unless every side is a positive multiple of 32."""
    if any(side < SIDE_MULTIPLE or side % SIDE_MULTIPLE for side in sides):
        raise ValueError(f"input sides must be multiples of {SIDE_MULTIPLE}, got {sides}")


class HybridEncoder(nn.Module):
    """Turns normalised images [B, 3, H, W] into embeddings [B, out_channels, H / 8, W / 8].

    Works at every side divisible by 32, others raise ValueError: training runs at smaller sides than the product.
    """

    def __init__(self, config: HybridConfig, out_channels: int) -> None:
        super().__init__()
        stride2, stride4, stride8, stride16 = config.widths
        depth4, depth8, depth16 = config.depths
        self.stem = Downsample(3, stride2)
        self.stage4 = nn.Sequential(
            Downsample(stride2, stride4), *(ConvBlock(stride4) for _ in range(depth4))
        )
        self.stage8 = nn.Sequential(
            Downsample(stride4, stride8), *(DepthwiseBlock(stride8, ratio=2) for _ in range(depth8))
        )
        first_attention = depth16 - config.attention_blocks
        self.stage16 = nn.Sequential(
            Downsample(stride8, stride16),
            *(
                HybridBlock(stride16, config.num_heads, config.mlp_ratio, attention=index >= first_attention)
                for index in range(depth16)
            ),
        )
        self.norm16 = ChannelNorm(stride16, eps=1e-6)
        self.lateral16 = nn.Conv2d(stride16, out_channels, 1)
        self.lateral8 = nn.Conv2d(stride8, out_channels, 1)
        self.fuse = nn.Sequential(
            ChannelNorm(out_channels, eps=1e-6),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            ChannelNorm(out_channels, eps=1e-6),
        )

    def forward(self, x_B3HW: Tensor) -> Tensor:
        check_side(*x_B3HW.shape[-2:])
        x = x_B3HW.contiguous(memory_format=torch.channels_last)
        fine_BChw = self.stage8(self.stage4(self.stem(x)))
        coarse_BChw = self.norm16(self.stage16(fine_BChw))
        raised = F.interpolate(
            self.lateral16(coarse_BChw), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        return self.fuse(raised + self.lateral8(fine_BChw)).contiguous()
