"""Builders for training tests: a model that learns in seconds, and four CC0 micrographs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.sam.build import MODELS
from models.sam.training.augmentation import AugmentationConfig
from models.sam.training.config import TrainConfig
from models.sam.training.dataset import DataConfig
from models.sam.training.interaction import InteractionConfig
from models.sam.training.losses import LossWeights
from models.sam.training.schedule import LearningRate, parse_stages
from tests.models.miniature import MINIATURE

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(autouse=True)
def sums_in_one_order(one_thread: None) -> None:
    """Two threads of a busy machine may round differently, and resume is tested bit by bit."""


@pytest.fixture
def sample() -> Path:
    """A folder in COCO layout: 4 images of nuclei, split `val`."""
    return SAMPLE


@pytest.fixture
def make_config(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TrainConfig]:
    """A quick run on the sample; keywords replace fields."""
    monkeypatch.setitem(MODELS, "miniature", MINIATURE)

    def make(**changes: Any) -> TrainConfig:
        config = TrainConfig(
            model="miniature",
            data=DataConfig({str(SAMPLE): 1.0}, "val", 4, augmentation=AugmentationConfig(zoom=(1.0, 2.0))),
            stages=parse_stages("128x2:1"),
            steps=6,
            learning_rate=LearningRate(2e-3, warmup_steps=5),
            weight_decay=0.05,
            interaction=InteractionConfig((1, 1), idle_passes=0, single_on_boxes=True),
            losses=LossWeights(focal_alpha=0.5, iou_on_all=True),
            loader_workers=0,
            log_every=1,
        )
        return replace(config, **changes)

    return make
