"""Everything that decides a run."""

from dataclasses import dataclass, field

from models.sam.training.dataset import DataConfig
from models.sam.training.interaction import InteractionConfig
from models.sam.training.losses import LossWeights
from models.sam.training.mae.objective import MaeConfig
from models.sam.training.schedule import LearningRate, Stage

PROMPTABLE, MAE, CLICK_BASELINE = "promptable", "mae", "click_baseline"
STAGES = (PROMPTABLE, MAE, CLICK_BASELINE)


@dataclass(frozen=True)
class TrainConfig:
    """`steps` or `max_seconds` (of training, pauses not counted) ends the run.

    `stage` is `promptable` or `mae`, the pre-training of the image encoder, which has no use for `interaction`, `losses`,
    `drop_path` and most of `data`; or `click_baseline` (`models.sam.click_baseline`), which has none for the first three.

    Batch sizes in `stages` are those of one process; several processes take as many views more.
    """

    model: str
    data: DataConfig
    stages: tuple[Stage, ...]
    stage: str = PROMPTABLE
    steps: int | None = None
    max_seconds: float | None = None
    learning_rate: LearningRate = field(default_factory=LearningRate)
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
    layer_decay: float = 1.0
    only: tuple[str, ...] = ()  # how the names of what learns begin; all learns where it is empty
    drop_path: float = 0.0
    clip: float = 1.0
    accumulate: int = 1
    ema_decay: float = 0.999
    bf16: bool = False
    interaction: InteractionConfig = field(default_factory=InteractionConfig)
    losses: LossWeights = field(default_factory=LossWeights)
    mae: MaeConfig = field(default_factory=MaeConfig)
    seed: int = 0
    loader_workers: int = 1
    log_every: int = 25
    save_seconds: float = 300.0
    export_seconds: float | None = None  # between exports of the averaged weights; None for none

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.max_seconds is None):
            raise ValueError("give either steps or max_seconds")
        if self.stage not in STAGES:
            raise ValueError(f"the stage is one of {', '.join(STAGES)}, got {self.stage!r}")
        if self.stage != PROMPTABLE and self.export_seconds is not None:
            raise ValueError("only whole models are exported, not the encoder of a pre-training")
