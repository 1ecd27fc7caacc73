"""The dense prompt as a low-rank update of what was prepared for the image.

A mask prompt, and the maps of a model that draws its points, are a few features per cell times a fixed matrix. Added
to the image's cells they reach the first layer's projections as the same features times a smaller product of matrices.

Shape letters: P image cells, F features, C width, L = 4E low-res side.
"""

import torch
from torch import Tensor, nn

from models.sam.modeling.prompt_encoder import PromptEncoder


class DensePrompt(nn.Module):
    """Features [P, F] of the dense prompt; `matrix_FC` turns them into what is added to `embedding + no_mask`."""

    matrix_FC: Tensor

    def __init__(self, encoder: PromptEncoder) -> None:
        super().__init__()
        *layers, project = encoder.mask_downscaling.children()
        assert isinstance(project, nn.Conv2d)
        assert project.bias is not None
        self.downscaling = nn.Sequential(*layers)
        self.maps = encoder.prompt_maps
        self.grid = encoder.image_embedding_size
        no_mask_1C = encoder.no_mask_embed.weight.detach()
        rows = [project.weight.detach().flatten(1).T, project.bias.detach()[None] - no_mask_1C]
        if self.maps is not None:
            rows.append(self.maps.project.weight.detach().T)
        self.register_buffer("matrix_FC", torch.cat(rows))

    def forward(
        self, positions_n2: Tensor, labels_n: Tensor, mask_11LL: Tensor, has_mask_1: Tensor
    ) -> Tensor:
        """Points in [0, 1], XY, their labels, the mask prompt and whether there is one (1 or 0)."""
        features_PF = self.downscaling(mask_11LL)[0].flatten(1).T * has_mask_1
        parts = [features_PF, has_mask_1.expand(features_PF.shape[0], 1)]
        if self.maps is not None:
            parts.append(self.maps.draw(positions_n2[None], labels_n[None], self.grid)[0])
        return torch.cat(parts, dim=1)
