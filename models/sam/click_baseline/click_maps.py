"""Clicks as pictures: a disk around each, those on the object and those beside it apart (RITM, section 3.2)."""

import torch
from torch import Tensor

from models.sam.modeling.labels import BACKGROUND, FOREGROUND

RADIUS = 5  # pixels of the network's input


def click_maps(coords_Nk2: Tensor, labels_Nk: Tensor, size: tuple[int, int], radius: int = RADIUS) -> Tensor:
    """Maps [N, 2, H, W] of `size` (H, W), 1 within `radius` pixels of a click and 0 elsewhere.

    coords_Nk2: XY in pixels of the maps, of which the nearest pixel is the disk's middle. labels_Nk: 1 draws into the
    first map, 0 into the second, others into none. What of a disk lies beyond the maps is cut off.
    """
    count, height, width = len(coords_Nk2), *size
    maps = coords_Nk2.new_zeros((count, 2, height, width), dtype=torch.float32)
    reach = torch.arange(-radius, radius + 1, device=maps.device)
    y, x = torch.meshgrid(reach, reach, indexing="ij")
    disk = torch.stack([x, y], dim=-1)[x**2 + y**2 <= radius**2]
    pixels = coords_Nk2.round().long()[:, :, None] + disk  # [N, k, pixels of a disk, 2]
    is_click = (labels_Nk == FOREGROUND) | (labels_Nk == BACKGROUND)
    inside = (pixels >= 0).all(dim=-1) & (pixels[..., 0] < width) & (pixels[..., 1] < height)
    mask, click, which = torch.nonzero(inside & is_click[..., None], as_tuple=True)
    channel = (labels_Nk[mask, click] == BACKGROUND).long()
    place = pixels[mask, click, which]
    maps[mask, channel, place[:, 1], place[:, 0]] = 1
    return maps
