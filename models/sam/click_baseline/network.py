"""The network: a residual pyramid over the photograph, the clicks and the previous mask, one logit map.

RITM (arXiv 2102.06583, section 3.2) adds the features of clicks and mask to those of the image behind the first
convolutions of an HRNet with ImageNet weights. Here the trunk is small and begins at random: it has to learn in the time
that a small promptable model has, from the same data. Nothing looks at the whole image at once, so inputs of any
multiple of `STRIDE` are answered alike.

Shape letters: B images, N masks, H W the input's sides, h w = H/4 W/4.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.modeling.sam import PIXEL_MEAN, PIXEL_STD

STRIDE = 32  # pixels of the input to one of the coarsest level
LOGIT_STRIDE = 4


@dataclass(frozen=True)
class ClickNetworkConfig:
    """`widths` and `depths` (residual blocks) of the levels at strides 4, 8, 16 and 32; channels of the pyramid."""

    name: str
    widths: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]
    pyramid: int


CLICK_NETWORKS = {
    config.name: config
    for config in (
        ClickNetworkConfig("click_pyramid", (32, 64, 128, 160), (1, 2, 2, 2), 48),
        ClickNetworkConfig("click_pyramid_tiny", (8, 12, 16, 24), (1, 1, 1, 1), 16),  # for tests
    )
}


class ClickNetwork(nn.Module):
    """Logits of masks from clicks on images."""

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(self, config: ClickNetworkConfig) -> None:
        super().__init__()
        self.config = config
        first = config.widths[0]
        self.image_stem = nn.Sequential(
            *_convolution(3, first // 2, stride=2), nn.Conv2d(first // 2, first, 3, 2, 1)
        )
        self.map_stem = nn.Sequential(
            *_convolution(3, first // 2, stride=2), nn.Conv2d(first // 2, first, 3, 2, 1)
        )
        self.joined = nn.Sequential(nn.BatchNorm2d(first), nn.ReLU())
        levels, before = [], first
        for number, (width, depth) in enumerate(zip(config.widths, config.depths, strict=True)):
            down = _convolution(before, width, stride=2) if number else []
            levels.append(nn.Sequential(*down, *(_Residual(width) for _ in range(depth))))
            before = width
        self.levels = nn.ModuleList(levels)
        self.lateral = nn.ModuleList(nn.Conv2d(width, config.pyramid, 1) for width in config.widths)
        self.head = nn.Sequential(
            *_convolution(config.pyramid, config.pyramid),
            *_convolution(config.pyramid, config.pyramid // 2),
            nn.Conv2d(config.pyramid // 2, 1, 1),
        )
        for name, values in (("pixel_mean", PIXEL_MEAN), ("pixel_std", PIXEL_STD)):
            self.register_buffer(name, torch.tensor(values).reshape(3, 1, 1), persistent=False)

    def forward(
        self, images_B3HW: Tensor, maps_N2HW: Tensor, previous_N1HW: Tensor, image_index: Tensor
    ) -> Tensor:
        """Low-res logits [N, 1, h, w] of N masks; H and W are multiples of `STRIDE`.

        images_B3HW: normalised, zero outside the content. maps_N2HW: see `click_maps`. previous_N1HW: the probabilities
        of the answer before, zero where there is none. image_index [N]: which image a mask is of.
        """
        prompts = self.map_stem(torch.cat([maps_N2HW, previous_N1HW], dim=1))
        x = self.joined(self.image_stem(images_B3HW)[image_index] + prompts)
        features = []
        for level in self.levels:
            x = level(x)
            features.append(x)
        top = self.lateral[-1](features[-1])
        for feature, lateral in zip(features[-2::-1], list(self.lateral)[-2::-1], strict=True):
            top = lateral(feature) + F.interpolate(top, scale_factor=2.0)
        logits: Tensor = self.head(top)
        return logits


def full_size(logits_N1hw: Tensor) -> Tensor:
    """Low-res logits at the input's size [N, 1, H, W], bilinear."""
    return F.interpolate(logits_N1hw, scale_factor=float(LOGIT_STRIDE), mode="bilinear", align_corners=False)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        second = nn.BatchNorm2d(width)
        nn.init.zeros_(second.weight)  # a block begins as the identity
        self.body = nn.Sequential(
            *_convolution(width, width), nn.Conv2d(width, width, 3, padding=1, bias=False), second
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


def _convolution(channels: int, width: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, width, 3, stride, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    ]
