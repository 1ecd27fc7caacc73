"""What a retraining trains, and how: chosen by the memory there is, after micro-sam's hardware presets.

Their table is for ViT-B: on a CPU with 32 GB all of the model with 10 objects a step, with 64 GB 15; on a GPU with 8 GB
prompt encoder and decoder with 10, from 16 GB on all with 10, with 80 GB 40. Memory is counted here as if the image
encoder were ViT-B's, in proportion to its parameters.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.sam.build import model_config
from models.sam.memory import GIB
from models.sam.training.augmentation import AugmentationConfig, ViewSize
from models.sam.training.config import TrainConfig
from models.sam.training.dataset import DataConfig
from models.sam.training.interaction import InteractionConfig
from models.sam.training.losses import LossWeights
from models.sam.training.schedule import LearningRate, Stage

VIT_B_ENCODER = 89_670_912  # parameters
SMALLEST_SHARE = (
    0.1  # of ViT-B: below that prompts and decoder, which are much the same for all models, fill the memory
)
NEARLY = 0.9  # of a card's nominal memory so much is free at best


class Parts(StrEnum):
    """What learns; the rest is frozen."""

    DECODER = "decoder"
    DECODER_AND_PROMPTS = "decoder_and_prompts"
    ALL = "all"


# How the names of the parameters begin that learn; all do where nothing is named.
LEARNING: dict[Parts, tuple[str, ...]] = {
    Parts.DECODER: ("mask_decoder.",),
    Parts.DECODER_AND_PROMPTS: ("mask_decoder.", "prompt_encoder."),
    Parts.ALL: (),
}
# micro-sam: 1e-5 for all of a model. What lies behind a frozen encoder stands more, and a run on a CPU has few steps.
LEARNING_RATE = {Parts.DECODER: 1e-4, Parts.DECODER_AND_PROMPTS: 1e-4, Parts.ALL: 1e-5}
# Of models with a small encoder, which were trained at rates a hundred times those of a ViT.
LEARNING_RATE_SMALL = {Parts.DECODER: 3e-4, Parts.DECODER_AND_PROMPTS: 3e-4, Parts.ALL: 3e-4}
# On a CPU most of a run looks at windows of half the input's side, four for the time of one.
WINDOWS_UNTIL = 0.8
PATIENCE = 10  # validations without a better one after which a run ends (micro-sam: epochs)


@dataclass(frozen=True)
class Capacity:
    """The most that memory allows: `parts` that learn, and `objects` of one step."""

    parts: Parts
    objects: int


# (GiB, as counted for ViT-B, from which it holds; what it allows), the largest first.
GPU_TABLE = (
    (80, Capacity(Parts.ALL, 40)),
    (16, Capacity(Parts.ALL, 10)),
    (8, Capacity(Parts.DECODER_AND_PROMPTS, 10)),
    (0, Capacity(Parts.DECODER, 4)),
)
CPU_TABLE = (
    (64, Capacity(Parts.ALL, 15)),
    (32, Capacity(Parts.ALL, 10)),
    (8, Capacity(Parts.DECODER_AND_PROMPTS, 10)),
    (0, Capacity(Parts.DECODER, 4)),
)


def capacity_of(device: str, free_bytes: int, encoder_parameters: int) -> Capacity:
    """What `free_bytes` on `device` (cpu or cuda) allow for a model with such an image encoder."""
    size = max(encoder_parameters / VIT_B_ENCODER, SMALLEST_SHARE)
    gibibytes = free_bytes / GIB / size
    table = CPU_TABLE if device == "cpu" else GPU_TABLE
    return next(capacity for least, capacity in table if gibibytes >= NEARLY * least)


def parts_by_default(device: str, capacity: Capacity) -> Parts:
    """What is trained where nobody chose: on a CPU the decoder alone, so that something comes of a few minutes."""
    return Parts.DECODER if device == "cpu" else capacity.parts


def retrain_config(
    *,
    model: str,
    shard: Path,
    parts: Parts,
    objects: int,
    encoder_parameters: int,
    device: str,
    max_seconds: float,
    steps: int | None,
    seed: int,
) -> TrainConfig:
    """The run's configuration: `steps` of them, or else as many as `max_seconds` hold.

    micro-sam's practice: AdamW at a low rate, several rounds of prompts for each object (8, on a CPU up to 3). Two images
    a step share its objects, or four windows do. The losses are those the shipped model was trained with.
    """
    is_cpu = device == "cpu"
    side = model_config(model).image_size
    stages: tuple[Stage, ...] = (Stage(ViewSize(side), 2, 1.0),)
    if is_cpu and model_config(model).encoder.takes_windows:
        stages = (Stage(ViewSize(side // 2, side), 4, WINDOWS_UNTIL), *stages)
    rates = LEARNING_RATE_SMALL if encoder_parameters < SMALLEST_SHARE * VIT_B_ENCODER else LEARNING_RATE
    return TrainConfig(
        model=model,
        data=DataConfig(
            {str(shard): 1.0},
            split="train",
            masks_per_image=max(1, objects // stages[0].batch_size),
            augmentation=AugmentationConfig(zoom=(0.8, 2.0)),
        ),
        stages=stages,
        steps=steps,
        max_seconds=None if steps else max_seconds,
        learning_rate=LearningRate(rates[parts], warmup_steps=20, warmup_progress=0.1),
        weight_decay=0.01,
        only=LEARNING[parts],
        ema_decay=0.99,
        bf16=not is_cpu,
        interaction=InteractionConfig(
            corrections=(1, 2) if is_cpu else (7, 7),
            last_clicks=(1, 3) if is_cpu else (1, 1),
            idle_passes=0,
            single_on_boxes=True,
            central_clicks=0.7,
        ),
        losses=LossWeights(focal_alpha=0.5, iou_on_all=True),
        seed=seed,
        loader_workers=0 if is_cpu else 2,
        log_every=5,
        save_seconds=30.0,
    )
