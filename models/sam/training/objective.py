"""What a run optimises: a module that turns a batch into a loss, as one forward, which is what DDP can wrap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from models.sam.build import build_sam, model_config, with_widths_of
from models.sam.modeling.image_encoder import ViTConfig
from models.sam.modeling.sam import Sam
from models.sam.training.config import MAE, TrainConfig
from models.sam.training.dataset import Batch, PromptableDataset, collate
from models.sam.training.interaction import InteractionConfig, run_interaction
from models.sam.training.losses import LossWeights
from models.sam.training.mae.images import ImageDataset, collate_images
from models.sam.training.mae.objective import MaeObjective, build_autoencoder


class PromptableObjective(nn.Module):
    """Interactive segmentation (SAM paper, appendix A): the summed losses of all passes."""

    def __init__(self, model: Sam, interaction: InteractionConfig, losses: LossWeights) -> None:
        super().__init__()
        self.model = model
        self.interaction = interaction
        self.losses = losses

    def forward(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        result = run_interaction(self.model, batch, self.interaction, self.losses, generator)
        return result.loss, result.terms


@dataclass(frozen=True)
class Task:
    """`module` maps (batch, generator) to (loss, numbers for the log); its `model` is what is saved and averaged.

    `open_data` makes the data set, whose items are asked for by (index, size), `collate` a batch of them.
    """

    module: nn.Module
    model: nn.Module
    open_data: Callable[[], Dataset[Any]]
    collate: Callable[[list[Any]], Any]


def build_task(config: TrainConfig, like: Mapping[str, tuple[int, ...]] | None = None) -> Task:
    """The task of a run, with fresh random weights; with a decoder as narrow as that of weights of the shapes `like`."""
    if config.stage == MAE:
        autoencoder = build_autoencoder(model_config(config.model), config.mae)
        return Task(
            MaeObjective(autoencoder),
            autoencoder,
            lambda: ImageDataset(config.data, config.seed),
            collate_images,
        )
    model = model_for_training(config.model, config.drop_path, like or {})
    return Task(
        PromptableObjective(model, config.interaction, config.losses),
        model,
        lambda: PromptableDataset(config.data, config.seed),
        collate,
    )


def model_for_training(name: str, drop_path: float, like: Mapping[str, tuple[int, ...]]) -> Sam:
    """The model registered as `name` with random weights; ValueError for drop path where there is none."""
    config = with_widths_of(model_config(name), like)
    if drop_path:
        if not isinstance(config.encoder, ViTConfig):
            raise ValueError(f"drop path is for ViT encoders, {name} has another kind")
        config = replace(config, encoder=replace(config.encoder, drop_path=drop_path))
    return build_sam(config)
