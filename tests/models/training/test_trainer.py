"""The loop end to end, with a model of 0.1 M parameters on four micrographs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from models.cli import export_weights, train
from models.sam.artifact import shipped_weights
from models.sam.build import SMOOTHING_KERNEL, sam_from_state_dict, shapes_of
from models.sam.training.augmentation import ViewSize
from models.sam.training.checkpoint import CheckpointError, load_checkpoint
from models.sam.training.config import TrainConfig
from models.sam.training.dataset import PromptableDataset, collate
from models.sam.training.ema import WeightAverage
from models.sam.training.schedule import LearningRate, parse_stages
from models.sam.training.trainer import Trainer
from models.sam.weights import load_weights

Make = Callable[..., TrainConfig]


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_the_loss_of_a_random_model_falls(make_config: Make, tmp_path: Path) -> None:
    Trainer(make_config(steps=80), tmp_path).run()
    values = losses(tmp_path)
    assert sum(values[-5:]) < 0.6 * sum(values[:5])  # measured .47


def test_the_shipped_model_learns_four_images_by_heart(make_config: Make, tmp_path: Path) -> None:
    config = make_config(model="anymask_s", steps=20, learning_rate=LearningRate(5e-4, warmup_steps=3))
    shipped = load_weights(shipped_weights("anymask_s"))
    trainer = Trainer(config, tmp_path, like=shapes_of(shipped))
    trainer.start_from({name: value.float() for name, value in shipped.items()})
    dataset = PromptableDataset(config.data)
    batch = collate([dataset[index, ViewSize(128)] for index in range(4)])
    values = [trainer._step([batch])["loss"] for _ in range(20)]
    assert sum(values[-4:]) < 0.75 * sum(values[:4])  # measured .6 already after 14 steps


def test_only_what_is_named_learns(make_config: Make, tmp_path: Path) -> None:
    part = "mask_decoder.iou_prediction_head"
    trainer = Trainer(make_config(steps=2, only=(part,)), tmp_path)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.run()
    changed = {name for name, value in trainer.model.state_dict().items() if not value.equal(before[name])}
    assert changed
    assert all(name.startswith(part) for name in changed)
    with pytest.raises(ValueError, match="begins with mask_decoder"):
        Trainer(make_config(only=("mask_decoder.nothing",)), tmp_path)


def test_weights_smoothed_otherwise_are_gone_on_with_as_the_model_does(
    make_config: Make, tmp_path: Path
) -> None:
    trainer = Trainer(make_config(model="anymask_s"), tmp_path)
    own = trainer.model.state_dict()[SMOOTHING_KERNEL].clone()
    weights = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.start_from(weights | {SMOOTHING_KERNEL: torch.ones(3, 3)})
    assert trainer.model.state_dict()[SMOOTHING_KERNEL].equal(own)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    make_config: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    Trainer(make_config(), whole).run()

    first = Trainer(make_config(), halves)
    take_step = first._step

    def step_then_stop(batches: list[Any]) -> dict[str, float]:
        numbers = take_step(batches)
        first.stop_asked = first.step == 3
        return numbers

    monkeypatch.setattr(first, "_step", step_then_stop)
    first.run()
    assert len(losses(halves)) == 3
    second = Trainer(make_config(seed=0), halves)
    second.resume()
    second.run()
    assert losses(halves) == losses(whole)
    ends = [load_checkpoint(folder / "last.pt") for folder in (whole, halves)]
    assert all(
        torch.equal(value, ends[1]["average"]["weights"][name])
        for name, value in ends[0]["average"]["weights"].items()
    )


def test_the_side_follows_the_stages(make_config: Make, tmp_path: Path) -> None:
    Trainer(make_config(stages=parse_stages("64x2:0.5,128x1:1"), steps=4), tmp_path).run()
    views = [json.loads(line)["views"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert views == [2, 4, 5, 6]


def test_accumulated_batches_make_one_step(make_config: Make, tmp_path: Path) -> None:
    trainer = Trainer(make_config(accumulate=3, steps=2), tmp_path)
    trainer.run()
    assert (trainer.step, trainer.views) == (2, 12)


def test_time_ends_a_run(make_config: Make, tmp_path: Path) -> None:
    trainer = Trainer(make_config(steps=None, max_seconds=1.0), tmp_path)
    trainer.run()
    assert trainer.step >= 1
    assert 1.0 <= trainer.seconds < 10


def test_a_foreign_checkpoint_is_refused(make_config: Make, tmp_path: Path) -> None:
    trainer = Trainer(make_config(), tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        trainer.resume()
    (tmp_path / "last.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(CheckpointError, match="not a readable"):
        trainer.resume()
    torch.save({"format": 1, "model_name": "vit_b"}, tmp_path / "last.pt")
    with pytest.raises(CheckpointError, match="vit_b"):
        trainer.resume()


def test_an_optimiser_that_groups_the_parameters_in_another_way_is_refused_in_one_line(
    make_config: Make, tmp_path: Path
) -> None:
    Trainer(make_config(layer_decay=0.5), tmp_path).save()
    with pytest.raises(CheckpointError, match="groups the parameters in another way"):
        Trainer(make_config(), tmp_path).resume()


def test_the_average_trails_the_weights() -> None:
    model = torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(model.weight)
    average = WeightAverage(model, decay=0.9)
    torch.nn.init.ones_(model.weight)
    for _ in range(200):
        average.update(model)
    assert float(average.weights["weight"]) == pytest.approx(1, abs=1e-6)
    torch.nn.init.zeros_(model.weight)
    average.update(model)
    assert float(average.weights["weight"]) == pytest.approx(0.9, abs=1e-6)


def test_the_commands_train_and_export(
    sample: Path, make_config: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # `make_config` has registered the miniature model that the command line names.
    run = ["--data", f"{sample}=2", "--split", "val", "--model", "miniature", "--out", str(tmp_path / "run")]
    numbers = ["--stages", "64x2:1", "--steps", "2", "--corrections", "1", "1", "--loader-workers", "1"]
    assert train.main([*run, *numbers]) == 0
    assert json.loads(capsys.readouterr().out)["step"] == 2
    output = tmp_path / "miniature.safetensors"
    arguments = ["--checkpoint", str(tmp_path / "run" / "last.pt"), "--output", str(output)]
    assert export_weights.main(arguments) == 0
    state = load_weights(output)
    assert state["mask_decoder.mask_tokens.weight"].dtype == torch.float16
    sam_from_state_dict("miniature", state)


def test_the_command_says_what_is_wrong_in_one_line(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--data", str(sample), "--split", "val", "--out", str(tmp_path)]
    assert train.main([*base, "--steps", "1", "--max-seconds", "1"]) == 1
    assert train.main([*base, "--steps", "1", "--stages", "64x2:0.4"]) == 1
    assert train.main([*base, "--steps", "1", "--resume"]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("train: ") for line in lines)
