"""The masked autoencoder of a registered model's encoder."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.sam.build import SamConfig
from models.sam.modeling.image_encoder import ImageEncoderViT
from models.sam.modeling.sam import PIXEL_MEAN, PIXEL_STD
from models.sam.training.mae.hybrid import HybridAutoencoder
from models.sam.training.mae.images import ImageBatch
from models.sam.training.mae.vit import ViTAutoencoder


@dataclass(frozen=True)
class MaeConfig:
    """Share of hidden patches, and the decoder of a ViT (the hybrid's is two convolution blocks)."""

    mask_ratio: float = 0.75
    decoder_width: int = 512
    decoder_depth: int = 8
    decoder_heads: int = 16

    def __post_init__(self) -> None:
        if not 0 < self.mask_ratio < 1:
            raise ValueError(f"the share of hidden patches must be between 0 and 1, got {self.mask_ratio}")


def build_autoencoder(model: SamConfig, config: MaeConfig) -> nn.Module:
    """The autoencoder around a fresh encoder of `model`; its state dict has the encoder's names as the model has them."""
    encoder = model.encoder.build(model.image_size, model.prompt_width)
    if isinstance(encoder, ImageEncoderViT):
        return ViTAutoencoder(
            encoder, config.mask_ratio, config.decoder_width, config.decoder_depth, config.decoder_heads
        )
    return HybridAutoencoder(encoder, model.prompt_width, config.mask_ratio)


class MaeObjective(nn.Module):
    """Maps (batch, generator) to (loss, numbers for the log)."""

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        for name, values in (("pixel_mean", PIXEL_MEAN), ("pixel_std", PIXEL_STD)):
            self.register_buffer(name, torch.tensor(values).reshape(3, 1, 1), persistent=False)

    def forward(self, batch: ImageBatch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        images = (batch.images.float() - self.pixel_mean) / self.pixel_std
        loss = self.model(images, generator)
        return loss, {"loss": float(loss.detach())}
