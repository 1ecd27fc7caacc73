import pytest

from models.cli.train import build_parser, config_of
from models.sam.training.config import TrainConfig
from models.sam.training.schedule import LearningRate


def parsed(*more: str) -> TrainConfig:
    return config_of(
        build_parser().parse_args(["--data", "d=2", "rendered", "--out", "o", "--steps", "9", *more])
    )


def test_the_defaults_are_the_papers() -> None:
    config = parsed()
    assert config.learning_rate == LearningRate(8e-4, 250)
    assert (config.weight_decay, config.betas) == (0.1, (0.9, 0.999))
    assert (config.layer_decay, config.drop_path, config.data.copy_paste.probability) == (1.0, 0.0, 0.0)
    assert config.interaction.corrections == (8, 8)
    assert config.export_seconds is None
    assert config.data.sets == {"d": 2.0, "rendered": 1.0}


def test_options_reach_the_configuration() -> None:
    config = parsed(
        *("--layer-decay", "0.8", "--drop-path", "0.4", "--copy-paste", "0.6", "--export-every", "120"),
        *("--lr", "1e-3", "--warmup", "10", "--weight-decay", "0.05"),
    )
    assert (config.layer_decay, config.drop_path) == (0.8, 0.4)
    assert config.data.copy_paste.probability == 0.6
    assert config.export_seconds == 120
    assert config.learning_rate == LearningRate(1e-3, 10)
    assert config.weight_decay == 0.05


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(SystemExit):
        parsed("--stage", "warm")
