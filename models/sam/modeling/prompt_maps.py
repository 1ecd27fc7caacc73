"""Where the prompts lie, drawn on the embedding grid: a dense prompt beside SAM's tokens.

Not in the paper. A small model trained on thousands of images, not millions, spends most of its training on reading
positions out of Fourier tokens through attention; drawn as maps of distance they are read at once (measured: see the
model card). Click maps are what interactive segmentation used before SAM. The official checkpoints do without.

Shape letters: B prompts, k points (clicks, box corners, padding), P grid cells (h * w), C width.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import BACKGROUND, BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, FOREGROUND

# Reach of the maps as shares of the input's side: about a cell, a part of an object, a quarter of the picture.
RADII = (0.015, 0.06, 0.25)
CHANNELS = 3 * len(RADII) + 1
FAR = 10.0  # shares of the side; exp(-FAR / r) is zero for every radius


class PromptMaps(nn.Module):
    """A linear layer over maps of the prompts, to `width` features; every map is zero when its kind of prompt is absent.

    Channels: exp(-d / r) for the distance d to the nearest background click and to the nearest foreground click, then
    tanh(s / r) for the signed distance s to the box's nearest side (positive inside), then 1 if there is a box.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(CHANNELS, width, bias=False)

    def forward(self, maps_BMP: Tensor) -> Tensor:
        """What `draw` drew as a share of the dense embedding [B, C, P] (C: `width`)."""
        return self.project.weight @ maps_BMP

    @staticmethod
    def draw(positions_Bk2: Tensor, labels_Bk: Tensor, grid: Grid) -> Tensor:
        """Positions in [0, 1], XY, at most one box a prompt -> [B, CHANNELS, P] for `grid`, row after row."""
        # X and Y apart: runtimes are slow at many short rows of two.
        cells_P = grid.centres_in_rows(positions_Bk2.device)
        apart = [
            cell - position for cell, position in zip(cells_P, positions_Bk2.split(1, dim=2), strict=True)
        ]
        distance_BkP = (apart[0].square() + apart[1].square() + 1e-9).sqrt()
        maps = []
        for kind in (BACKGROUND, FOREGROUND):
            others_Bk1 = (labels_Bk != kind)[..., None].to(distance_BkP.dtype)
            nearest_BP = (distance_BkP + FAR * others_Bk1).amin(dim=1)
            maps += [torch.exp(-nearest_BP / radius) for radius in RADII]
        has_box_B1, sides = box_sides(positions_Bk2, labels_Bk)
        inside_BP = nearest_side(cells_P, sides)
        maps += [torch.tanh(inside_BP / radius) * has_box_B1 for radius in RADII]
        maps.append(has_box_B1.expand_as(inside_BP))
        return torch.stack(maps, dim=1)


def box_sides(positions_Bk2: Tensor, labels_Bk: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Whether there is a box [B, 1], 0 or 1, and its left, top, right and bottom, [B, 1] each, zero without one."""
    corners_B2 = [
        (positions_Bk2 * (labels_Bk == corner)[..., None]).sum(dim=1)
        for corner in (BOX_TOP_LEFT, BOX_BOTTOM_RIGHT)
    ]
    has_box_B1 = (labels_Bk == BOX_TOP_LEFT).to(positions_Bk2.dtype).amax(dim=1, keepdim=True)
    return has_box_B1, torch.cat(corners_B2, dim=1).split(1, dim=1)


def nearest_side(cells_P: Sequence[Tensor], sides: Sequence[Tensor]) -> Tensor:
    """Signed distance [B, P] of every cell (x and y) to the nearest side of the box, positive inside."""
    (x, y), (left, top, right, bottom) = cells_P, sides
    across = torch.minimum(x - left, right - x)
    return torch.minimum(across, torch.minimum(y - top, bottom - y))
