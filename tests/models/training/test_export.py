from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from models.cli import export_weights
from models.sam.build import build_sam
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.config import TrainConfig
from models.sam.training.export import read_pieces, write_pieces
from models.sam.training.trainer import Trainer
from models.sam.weights import load_weights


def test_pieces_keep_to_the_limit_and_make_the_whole(tmp_path: Path) -> None:
    weights = build_sam("tiny").state_dict()
    paths = write_pieces(weights, tmp_path, "step-7", {"step": "7"}, limit=100_000)
    assert len(paths) > 4
    assert paths[0].name == f"step-7-1of{len(paths)}.safetensors"
    # the header of a file is a few kilobytes; the largest tensor is 16 x 16 x 32 positions
    assert all(path.stat().st_size < 110_000 for path in paths)
    joined, header = read_pieces(reversed(paths))
    assert header == {"step": "7"}
    assert joined.keys() == weights.keys()
    assert all(torch.equal(value, weights[name].half()) for name, value in joined.items())


def test_missing_foreign_and_damaged_pieces_are_refused(tmp_path: Path) -> None:
    weights = build_sam("tiny").state_dict()
    paths = write_pieces(weights, tmp_path, "a", {"step": "1"}, limit=300_000)
    others = write_pieces(weights, tmp_path, "b", {"step": "2"}, limit=300_000)
    with pytest.raises(CheckpointError, match="pieces of one export"):
        read_pieces(paths[1:])
    with pytest.raises(CheckpointError, match="different exports"):
        read_pieces([*paths[:-1], others[-1]])
    paths[0].write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="no readable piece"):
        read_pieces(paths)


def test_a_run_exports_its_average_and_the_command_joins_it(
    make_config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    trainer = Trainer(make_config(steps=3, export_seconds=0.0), tmp_path / "run")
    trainer.run()
    names = sorted(path.name for path in (tmp_path / "run" / "exports").iterdir())
    assert names == [f"step-000000{step}-1of1.safetensors" for step in (1, 2, 3)]
    last = tmp_path / "run" / "exports" / names[-1]
    outputs = [tmp_path / "pieces.safetensors", tmp_path / "checkpoint.safetensors"]
    assert export_weights.main(["--pieces", str(last), "--output", str(outputs[0])]) == 0
    checkpoint = str(tmp_path / "run" / "last.pt")
    assert export_weights.main(["--checkpoint", checkpoint, "--output", str(outputs[1])]) == 0
    states = [load_weights(output) for output in outputs]
    assert states[0].keys() == states[1].keys() == trainer.average.weights.keys()
    for name, value in trainer.average.weights.items():
        assert torch.equal(states[0][name], value.half())
        assert torch.equal(states[1][name], value.half())
    with safe_open(outputs[0], framework="pt") as pieces, safe_open(outputs[1], framework="pt") as checkpoint:
        assert pieces.metadata() == checkpoint.metadata()


def test_an_encoder_alone_is_not_exported(make_config: Callable[..., TrainConfig]) -> None:
    with pytest.raises(ValueError, match="whole models"):
        make_config(stage="mae", export_seconds=60.0)
