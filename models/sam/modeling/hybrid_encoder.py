"""Image encoder of `anymask_s`: convolutions early, attention late, fused back to stride 8.

Not for the ViT of the paper (that is `image_encoder.py`). Made for two CPU cores: the fine grids only see cheap
convolutions, nearly all parameters live at stride 16, and the embedding is returned at stride 8, so that a 512 px
input gives a 64 x 64 grid like SAM's 1024 px one.

Shape letters: B images, H W pixels, h w grid cells, C channels, N = h * w tokens, K heads.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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


class Mlp(nn.Module):
    """Two linear layers with GELU between, on the last axis."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.lin1 = nn.Linear(width, hidden)
        self.lin2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.lin2(F.gelu(self.lin1(x)))


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
        if self.training and x_BNC.device.type == "cpu":
            # The fused kernel's backward is slower than two plain products on a CPU.
            weights = ((q * (C // self.num_heads) ** -0.5) @ k.transpose(-2, -1)).softmax(dim=-1)
            out_BKNc = weights @ v
        else:
            out_BKNc = F.scaled_dot_product_attention(q, k, v)
        return self.proj(out_BKNc.transpose(1, 2).reshape(B, N, C))


class HybridBlock(nn.Module):
    """Depthwise 5x5 (local, and the only source of position), then attention, then MLP; pre-norm residuals."""

    def __init__(self, width: int, num_heads: int, mlp_ratio: float) -> None:
        super().__init__()
        self.local = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = SpatialAttention(width, num_heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width, int(width * mlp_ratio))

    def forward(self, x_BChw: Tensor) -> Tensor:
        B, C, h, w = x_BChw.shape
        x_BChw = x_BChw + self.local(x_BChw)
        x_BNC = x_BChw.permute(0, 2, 3, 1).reshape(B, h * w, C)
        x_BNC = x_BNC + self.attn(self.norm1(x_BNC))
        x_BNC = x_BNC + self.mlp(self.norm2(x_BNC))
        return x_BNC.view(B, h, w, C).permute(0, 3, 1, 2)


class DepthwiseBlock(nn.Module):
    """Depthwise 5x5, channel norm, two 1x1 convolutions; residual. The middle stage's block."""

    def __init__(self, width: int, ratio: int) -> None:
        super().__init__()
        self.local = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.norm = ChannelNorm(width, eps=1e-6)
        self.expand = nn.Conv2d(width, width * ratio, 1)
        self.project = nn.Conv2d(width * ratio, width, 1)

    def forward(self, x_BChw: Tensor) -> Tensor:
        return x_BChw + self.project(F.relu(self.expand(self.norm(self.local(x_BChw)))))


class HybridEncoder(nn.Module):
    """Turns normalised images [B, 3, S, S] into embeddings [B, out_chans, S / 8, S / 8].

    Works at every side divisible by 32: there is no position table. `img_size` is the side the product runs at, kept
    for the predictor; training uses smaller ones.

    Raises ValueError for an input side that is not a multiple of 32.
    """

    def __init__(
        self,
        img_size: int = 512,
        out_chans: int = 128,
        widths: tuple[int, int, int, int] = (32, 64, 128, 256),
        depths: tuple[int, int, int] = (1, 2, 5),
        num_heads: int = 8,
        mlp_ratio: float = 4.0,
    ) -> None:
        super().__init__()
        self.img_size = img_size
        stride2, stride4, stride8, stride16 = widths
        self.stem = Downsample(3, stride2)
        self.stage4 = nn.Sequential(Downsample(stride2, stride4), *(ConvBlock(stride4) for _ in range(depths[0])))
        self.stage8 = nn.Sequential(
            Downsample(stride4, stride8), *(DepthwiseBlock(stride8, ratio=2) for _ in range(depths[1]))
        )
        self.stage16 = nn.Sequential(
            Downsample(stride8, stride16),
            *(HybridBlock(stride16, num_heads, mlp_ratio) for _ in range(depths[2])),
        )
        self.norm16 = ChannelNorm(stride16, eps=1e-6)
        self.lateral16 = nn.Conv2d(stride16, out_chans, 1)
        self.lateral8 = nn.Conv2d(stride8, out_chans, 1)
        self.fuse = nn.Sequential(
            ChannelNorm(out_chans, eps=1e-6),
            nn.Conv2d(out_chans, out_chans, 3, padding=1, bias=False),
            ChannelNorm(out_chans, eps=1e-6),
        )

    def forward(self, x_B3HW: Tensor) -> Tensor:
        height, width = x_B3HW.shape[-2:]
        if height % 32 or width % 32:
            raise ValueError(f"the input side must be a multiple of 32, got {height} x {width}")
        x = x_B3HW.contiguous(memory_format=torch.channels_last)
        fine_BChw = self.stage8(self.stage4(self.stem(x)))
        coarse_BChw = self.norm16(self.stage16(fine_BChw))
        raised = F.interpolate(self.lateral16(coarse_BChw), scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.fuse(raised + self.lateral8(fine_BChw)).contiguous()
