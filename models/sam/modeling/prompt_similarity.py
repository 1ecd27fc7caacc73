"""Where the image looks like what the prompts point at: a dense prompt made of the image itself.

Not in the paper. SAM's decoder has to learn, by attention, to fetch what lies under a click and to find more of it; with
thousands of training images instead of millions that takes most of the training. Comparing every cell with the cells
under the clicks, inside the box and around it, as prototype networks do (arXiv 1703.05175, 1908.06391), says it at once.

Shape letters: B prompts, k points (clicks, box corners, padding), q places looked at, P grid cells (h * w), C width,
H heads, d width of a head, F features, M maps.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.sam.modeling.labels import BACKGROUND, BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, FOREGROUND
from models.sam.modeling.prompt_maps import CHANNELS as MAP_CHANNELS
from models.sam.modeling.prompt_maps import cell_centres

HEADS = 4
HEAD_WIDTH = 16
KINDS = 4  # background clicks, foreground clicks, inside of the box, surroundings of the box
FEATURES = 32
NOTHING_ALIKE = -2.0  # below every cosine
SURROUNDINGS = 0.25  # reach around a box, share of its longer side


class PromptSimilarity(nn.Module):
    """Cosines between every cell and the prompts' cells, mixed with the prompts' maps, as features of a dense prompt."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.describe = nn.Linear(embed_dim, HEADS * HEAD_WIDTH)
        self.mix = nn.Linear(MAP_CHANNELS + KINDS * HEADS, FEATURES)
        self.project = nn.Linear(FEATURES, embed_dim, bias=False)
        # A model that learnt without it begins with the answers it had.
        nn.init.zeros_(self.project.weight)

    def forward(self, features_BFP: Tensor) -> Tensor:
        """What `features` found as a share of the dense embedding [B, C, P]."""
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
        grid: tuple[int, int],
    ) -> Tensor:
        """[B, F, P]: descriptors, positions in [0, 1], XY, their labels, and `PromptMaps.draw` of the same prompts."""
        cells_P2 = cell_centres(grid, positions_Bk2.device)
        clicks_BkP = weights_of_points(positions_Bk2, cells_P2, grid)
        boxes_B2P = weights_of_boxes(positions_Bk2, labels_Bk, cells_P2)
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
        return torch.relu(self.mix.weight @ raw_BRP + self.mix.bias[:, None])


def unit(x: Tensor) -> Tensor:
    """Vectors along the last axis but one, of length 1; a zero vector stays one."""
    return x / (x.square().sum(dim=-2, keepdim=True) + 1e-6).sqrt()


def weights_of_points(positions_Bk2: Tensor, cells_P2: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bilinear weights [B, k, P] of the cells around each point."""
    height, width = grid
    scale = torch.tensor([width, height], dtype=torch.float32, device=cells_P2.device)
    edge = 0.5 / scale
    inside_Bk2 = torch.maximum(torch.minimum(positions_Bk2, 1 - edge), edge)
    apart = ((cells_P2[None, None] - inside_Bk2[:, :, None]) * scale).abs()
    return F.relu(1 - apart).prod(dim=-1)


def weights_of_boxes(positions_Bk2: Tensor, labels_Bk: Tensor, cells_P2: Tensor) -> Tensor:
    """Weights [B, 2, P]: a bell in the middle of the box, and its surroundings; zero without a box.

    They add up to 1, or to nothing where no cell qualifies.
    """
    low_B12, high_B12 = (
        (positions_Bk2 * (labels_Bk == corner)[..., None]).sum(dim=1)[:, None]
        for corner in (BOX_TOP_LEFT, BOX_BOTTOM_RIGHT)
    )
    has_box_B1 = (labels_Bk == BOX_TOP_LEFT).to(positions_Bk2.dtype).amax(dim=1, keepdim=True)
    half_B12 = ((high_B12 - low_B12) / 2).clamp(min=1e-3)
    from_middle = (cells_P2[None] - (low_B12 + high_B12) / 2) / half_B12
    bell_BP = torch.exp(-2 * from_middle.square().sum(dim=-1))
    outside_BP = torch.maximum(low_B12 - cells_P2, cells_P2 - high_B12).amax(dim=-1)
    reach_B1 = SURROUNDINGS * 2 * half_B12.amax(dim=-1)
    around_BP = (outside_BP > 0).to(bell_BP.dtype) * torch.exp(-outside_BP.clamp(min=0) / reach_B1)
    weights_B2P = torch.stack([bell_BP, around_BP], dim=1) * has_box_B1[:, None]
    return weights_B2P / weights_B2P.sum(dim=-1, keepdim=True).clamp(min=1e-6)
