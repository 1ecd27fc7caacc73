"""The dense prompt as a low-rank update of what was prepared for the image.

A mask prompt, and the maps of a model that draws its points, are a few features per cell times a fixed matrix. They
reach every product with the image's cells as the same features times a smaller product of matrices. The mask prompt's
features come last, so that most prompts, which have none, leave out their rows: F is free.

Shape letters: P image cells, F features, m features of the mask prompt, C width, L = 4E low-res side.
"""

import torch
from torch import Tensor, nn

from models.sam.modeling.labels import ABSENT
from models.sam.modeling.prompt_encoder import PromptEncoder


class MaskFeatures(nn.Module):
    """What the prompt encoder's convolutions make of a mask prompt, up to the last one, which is a matrix."""

    def __init__(self, encoder: PromptEncoder) -> None:
        super().__init__()
        *layers, _ = encoder.mask_downscaling.children()
        self.downscaling = nn.Sequential(*layers)

    def forward(self, mask_input: Tensor) -> Tensor:
        """[1, 1, L, L] -> [1 + m, P]: a row of ones, which stands for there being a mask at all, and the features.

        Without a mask the row alone, of zeros, takes their place: never no rows, as not every runtime multiplies
        matrices that are empty.
        """
        features_mP = self.downscaling(mask_input)[0].flatten(1)
        return torch.cat([torch.ones_like(features_mP[:1]), features_mP])


class DensePrompt(nn.Module):
    """Features [F, P] of the dense prompt; `matrix_FC` turns them into what is added to `embedding + no_mask`.

    Without a mask prompt there are m features less, and the matrix's last m rows have no use.
    """

    matrix_FC: Tensor

    def __init__(self, encoder: PromptEncoder, *, with_text: bool = False) -> None:
        super().__init__()
        project = list(encoder.mask_downscaling.children())[-1]
        assert isinstance(project, nn.Conv2d)
        assert project.bias is not None
        self.maps, self.similarity = encoder.prompt_maps, encoder.prompt_similarity
        self.is_narrow = encoder.prompt_widening is not None
        self.grid, self.with_text = encoder.grid, with_text
        no_mask_1C = encoder.no_mask_embed.weight.detach()
        rows = []
        if encoder.prompt_widening is not None:
            rows.append(encoder.prompt_widening.weight.detach().T)
        else:
            for part in (self.maps, self.similarity):
                if part is not None:
                    rows.append(part.project.weight.detach().T)
        text = encoder.text_prompt
        if with_text and text is not None and text.has_map:
            rows.append(text.project.weight.detach().T)
        rows += [project.bias.detach()[None] - no_mask_1C, project.weight.detach().flatten(1).T]
        self.register_buffer("matrix_FC", torch.cat(rows))

    def forward(
        self,
        positions_n2: Tensor,
        labels_n: Tensor,
        mask_features: Tensor,
        descriptors_HdP: Tensor | None,
        text_features: Tensor | None = None,
    ) -> Tensor:
        """Points in [0, 1], XY, their labels, `MaskFeatures` of the mask prompt or of none, the image's descriptors where
        the model has a use for them, and what `ReadWord` found, where that is more than a token."""
        last = [mask_features] if text_features is None else [text_features, mask_features]
        if self.maps is None:
            return mask_features if text_features is None else torch.cat(last)
        points = positions_n2[None], labels_n[None]
        maps_1MP = self.maps.draw(*points, self.grid)
        features = [maps_1MP[0]]
        projections = [self.maps.project.weight]
        if self.similarity is not None:
            assert descriptors_HdP is not None
            features += self.similarity.features(descriptors_HdP[None], *points, maps_1MP, self.grid)
            projections.append(self.similarity.project.weight)
        if self.is_narrow:
            features = [torch.cat(projections, dim=1) @ torch.cat(features)]
        if self.with_text:
            # Where there is nothing but a word no points are drawn at all, not even their absence.
            there_are_points = (labels_n > ABSENT).to(mask_features.dtype).amax()
            features = [there_are_points * one for one in features]
        return torch.cat([*features, *last])
