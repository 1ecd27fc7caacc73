"""The detector: a small feature pyramid on a frozen image embedding, with one box and one score per cell.

The paper pre-fills masks of its second stage by boxes of a detector trained on the masks of the first, with one class,
"object" (SAM paper, section 4); it does not say more. This one costs little beside the encoder that has run already.

Frame: the model's square input as the unit square, XY; boxes XYXY. Shape letters: B images, C channels of the embedding,
E its side in cells, N cells of all levels.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d

LEVELS = 4
WIDTH = 64
# Side, in cells of its level, of the box that a cell begins with: the middle of what levels are for (`targets.level_of`).
USUAL_SIDE = 6.0
# Of all cells about so many are on something when it begins to learn (focal loss, arXiv 1708.02002, section 3.3).
_PRIOR = 0.01
_LOG_BOUND = 4.0


class Detections(NamedTuple):
    """Per cell the logit of there being a thing [B, N], and its box [B, N, 4]."""

    logits: Tensor
    boxes: Tensor


class ObjectDetector(nn.Module):
    """Things on embeddings of `channels` channels."""

    def __init__(self, channels: int, width: int = WIDTH, levels: int = LEVELS) -> None:
        super().__init__()
        self.channels, self.width, self.levels = channels, width, levels
        self.stem = _layer(channels, width, 1)
        self.down = nn.ModuleList(_layer(width, width, 3, stride=2) for _ in range(levels - 1))
        self.smooth = nn.ModuleList(_layer(width, width, 3) for _ in range(levels))
        self.score_tower = nn.Sequential(_layer(width, width, 3), _layer(width, width, 3))
        self.box_tower = nn.Sequential(_layer(width, width, 3), _layer(width, width, 3))
        self.score = nn.Conv2d(width, 1, 3, padding=1)
        self.box = nn.Conv2d(width, 4, 3, padding=1)
        for head in (self.score, self.box):
            nn.init.normal_(head.weight, std=0.01)
            assert head.bias is not None
            nn.init.zeros_(head.bias)
        assert self.score.bias is not None
        nn.init.constant_(self.score.bias, -torch.tensor((1 - _PRIOR) / _PRIOR).log().item())

    def forward(self, embedding_BCEE: Tensor) -> Detections:
        """[B, C, E, E], E a multiple of `least_side` -> what it finds, the finest level first, rows before columns."""
        features = [self.stem(embedding_BCEE)]
        for down in self.down:
            features.append(down(features[-1]))
        for level in range(self.levels - 2, -1, -1):
            features[level] = features[level] + F.interpolate(features[level + 1], scale_factor=2.0)
        logits, offsets = [], []
        for smooth, feature in zip(self.smooth, features, strict=True):
            smoothed = smooth(feature)
            logits.append(self.score(self.score_tower(smoothed)).flatten(1))
            offsets.append(self.box(self.box_tower(smoothed)).flatten(2))
        cells_N3 = cells(embedding_BCEE.shape[-1], self.levels, embedding_BCEE.device)
        return Detections(torch.cat(logits, dim=1), boxes_at(cells_N3, torch.cat(offsets, dim=2).mT))

    @property
    def least_side(self) -> int:
        """The side of the embedding, in cells, is a multiple of this."""
        return int(2 ** (self.levels - 1))


def cells(side: int, levels: int, device: torch.device | None = None) -> Tensor:
    """Centres and sides [N, 3] (x, y, side) of the cells of all levels of an embedding with `side` cells a side."""
    parts = []
    for level in range(levels):
        count = side // 2**level
        centres = (torch.arange(count, device=device) + 0.5) / count
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        parts.append(torch.stack([x, y, torch.full_like(x, 1 / count)], dim=-1).reshape(-1, 3))
    return torch.cat(parts)


def boxes_at(cells_N3: Tensor, offsets_BN4: Tensor) -> Tensor:
    """Boxes [B, N, 4] of offsets: of the centre in cells, of the sides as logarithms over `USUAL_SIDE` cells."""
    side_N1 = cells_N3[:, 2:]
    centre = cells_N3[:, :2] + offsets_BN4[..., :2] * side_N1
    half = offsets_BN4[..., 2:].clamp(-_LOG_BOUND, _LOG_BOUND).exp() * (USUAL_SIDE / 2 * side_N1)
    return torch.cat([centre - half, centre + half], dim=-1)


def _layer(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, LayerNorm2d(width), nn.GELU())
