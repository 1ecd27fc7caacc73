"""Where the image looks like what the prompts point at: a dense prompt made of the image itself.

Not in the paper. SAM's decoder has to learn, by attention, to fetch what lies under a click and to find more of it; with
thousands of training images instead of millions that takes most of the training. Comparing every cell with the cells
under the clicks, inside the box and around it, as prototype networks do (arXiv 1703.05175, 1908.06391), says it at once.

Shape letters: B prompts, k points (clicks, box corners, padding), q places looked at, P grid cells (h * w), C width,
H heads, d width of a head, F features, M maps.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import BACKGROUND, FOREGROUND
from models.sam.modeling.prompt_maps import CHANNELS as MAP_CHANNELS
from models.sam.modeling.prompt_maps import box_sides, nearest_side

HEADS = 4
HEAD_WIDTH = 16
KINDS = 4  # background clicks, foreground clicks, inside of the box, surroundings of the box
FEATURES = 32
NOTHING_ALIKE = -2.0  # below every cosine
SURROUNDINGS = 0.25  # reach around a box, share of its longer side


class PromptSimilarity(nn.Module):
    """Cosines between every cell and the prompts' cells, mixed with the prompts' maps, as features of a dense prompt."""

    def __init__(self, embed_dim: int, width: int) -> None:
        """Embeddings of width `embed_dim` in, a dense prompt of `width` out."""
        super().__init__()
        self.describe = nn.Linear(embed_dim, HEADS * HEAD_WIDTH)
        self.mix = nn.Linear(MAP_CHANNELS + KINDS * HEADS, FEATURES)
        self.project = nn.Linear(FEATURES, width, bias=False)
        # A model that learnt without it begins with the answers it had.
        nn.init.zeros_(self.project.weight)

    def forward(self, features_BFP: Tensor) -> Tensor:
        """What `features` found as a share of the dense embedding [B, width, P]."""
        return self.project.weight @ features_BFP

    def descriptors(self, image_embeddings: Tensor) -> Tensor:
        """Image embeddings [B, C, h, w] -> what cells are compared by, unit vectors [B, H, d, P]."""
        described_BPI = self.describe(image_embeddings.flatten(2).transpose(1, 2))
        return unit(described_BPI.transpose(1, 2).unflatten(1, (HEADS, HEAD_WIDTH)))

    def features(
        self,
        descriptors_BHdP: Tensor,
        positions_Bk2: Tensor,
        labels_Bk: Tensor,
        maps_BMP: Tensor,
        grid: Grid,
    ) -> Tensor:
        """[B, F, P]: descriptors, positions in [0, 1], XY, their labels, and `PromptMaps.draw` of the same prompts."""
        cells_P = grid.centres_in_rows(positions_Bk2.device)
        clicks_BkP = weights_of_points(positions_Bk2, cells_P, grid)
        boxes_B2P = weights_of_boxes(positions_Bk2, labels_Bk, cells_P)
        places_BPq = torch.cat([clicks_BkP, boxes_B2P], dim=1).transpose(1, 2)
        looks_BHdq = unit(descriptors_BHdP @ places_BPq[:, None])
        cosines_BHqP = looks_BHdq.transpose(2, 3) @ descriptors_BHdP
        count = labels_Bk.shape[1]
        clicks_BHkP = cosines_BHqP[:, :, :count]
        kinds = []
        for kind in (BACKGROUND, FOREGROUND):
            is_kind_Bk = (labels_Bk == kind).to(clicks_BHkP.dtype)
            apart = NOTHING_ALIKE * (1 - is_kind_Bk)[:, None, :, None]
            nearest_BHP = (clicks_BHkP + apart).amax(dim=2)
            kinds.append(nearest_BHP * is_kind_Bk.amax(dim=1)[:, None, None])
        kinds += [cosines_BHqP[:, :, count], cosines_BHqP[:, :, count + 1]]
        raw_BRP = torch.cat([maps_BMP.to(cosines_BHqP.dtype), *kinds], dim=1)
        mixed_BFP = self.mix.weight @ raw_BRP + self.mix.bias[:, None]
        # The larger of two numbers: in the browser's graphs ReLU takes three times as long.
        return torch.maximum(mixed_BFP, mixed_BFP.new_zeros(()))


def unit(x: Tensor) -> Tensor:
    """Vectors along the last axis but one, of length 1; a zero vector stays one."""
    return x / (x.square().sum(dim=-2, keepdim=True) + 1e-6).sqrt()


def weights_of_points(positions_Bk2: Tensor, cells_P: Sequence[Tensor], grid: Grid) -> Tensor:
    """Bilinear weights [B, k, P] of the cells (x and y) around each point."""
    weights = []
    for cell, position_Bk1, count in zip(
        cells_P, positions_Bk2.split(1, dim=2), grid.whole_shape[::-1], strict=True
    ):
        # Between the centres of the outermost cells, where there are two to share between.
        inside_Bk1 = position_Bk1.clamp(0.5 / count, 1 - 0.5 / count)
        weights.append(F.relu(1 - ((cell - inside_Bk1) * count).abs()))
    return weights[0] * weights[1]


def weights_of_boxes(positions_Bk2: Tensor, labels_Bk: Tensor, cells_P: Sequence[Tensor]) -> Tensor:
    """Weights [B, 2, P] of the cells (x and y): a bell in the middle of the box, and its surroundings; zero without one.

    They add up to 1, or to nothing where no cell qualifies.
    """
    has_box_B1, sides = box_sides(positions_Bk2, labels_Bk)
    left, top, right, bottom = sides
    halves = [((high - low) / 2).clamp(min=1e-3) for low, high in ((left, right), (top, bottom))]
    middles = [(left + right) / 2, (top + bottom) / 2]
    squares = [
        ((cell - middle) / half).square() for cell, middle, half in zip(cells_P, middles, halves, strict=True)
    ]
    bell_BP = torch.exp(-2 * (squares[0] + squares[1]))
    outside_BP = -nearest_side(cells_P, sides)
    reach_B1 = SURROUNDINGS * 2 * torch.maximum(*halves)
    around_BP = (outside_BP > 0).to(bell_BP.dtype) * torch.exp(-F.relu(outside_BP) / reach_B1)
    weights_B2P = torch.stack([bell_BP, around_BP], dim=1) * has_box_B1[:, None]
    return weights_B2P / weights_B2P.sum(dim=-1, keepdim=True).clamp(min=1e-6)
