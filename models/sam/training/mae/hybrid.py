"""The masked autoencoder of an encoder with convolutions: patches of the input are painted over, not left out.

A convolution needs the whole grid, so hidden patches (32 px, four embedding cells each way) hold one learned colour, as
in SimMIM (arXiv 2111.09886), and the embedding itself is decoded.
Shape letters: B images, S side in pixels, C width of the embedding, E its side.
"""

import torch
from torch import Tensor, nn

from models.sam.modeling.hybrid_encoder import SIDE_MULTIPLE, STRIDE, DepthwiseBlock
from models.sam.training.mae.patches import (
    masked_loss,
    normalised_patches,
    patchify,
    random_order,
    visible_count,
)

PATCH = SIDE_MULTIPLE
DECODER_BLOCKS = 2


class HybridAutoencoder(nn.Module):
    """`image_encoder` is the encoder to train, in place, neck and all; `forward` gives the loss."""

    def __init__(self, encoder: nn.Module, width: int, mask_ratio: float) -> None:
        super().__init__()
        self.mask_ratio = mask_ratio
        self.image_encoder = encoder
        self.mask_pixel = nn.Parameter(torch.zeros(3))
        self.decoder = nn.Sequential(
            *(DepthwiseBlock(width, ratio=2) for _ in range(DECODER_BLOCKS)),
            nn.Conv2d(width, 3 * STRIDE**2, 1),
            nn.PixelShuffle(STRIDE),
        )

    def forward(self, images_B3SS: Tensor, generator: torch.Generator) -> Tensor:
        """Loss of normalised images; their side is a multiple of 32."""
        B, _, H, W = images_B3SS.shape
        rows, columns = H // PATCH, W // PATCH
        hidden_BN = torch.ones(B, rows * columns, dtype=torch.bool, device=images_B3SS.device)
        order = random_order(B, rows * columns, generator)
        hidden_BN.scatter_(1, order[:, : visible_count(rows * columns, self.mask_ratio)], False)
        hidden = hidden_BN.reshape(B, 1, rows, columns)
        hidden = hidden.repeat_interleave(PATCH, dim=2).repeat_interleave(PATCH, dim=3)
        painted = torch.where(hidden, self.mask_pixel[:, None, None].to(images_B3SS.dtype), images_B3SS)
        predicted = self.decoder(self.image_encoder(painted))
        return masked_loss(patchify(predicted, PATCH), normalised_patches(images_B3SS, PATCH), hidden_BN)
