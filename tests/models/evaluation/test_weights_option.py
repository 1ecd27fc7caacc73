"""`--weights`: any weights file or training checkpoint of the architecture, shipped or not."""

import json
from pathlib import Path

import pytest
import torch

from models.cli import evaluate
from models.sam.build import build_sam
from models.sam.training.checkpoint import save_checkpoint

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def run(*extra: str) -> int:
    limits = ["--limit", "1", "--max-masks-per-image", "2"]
    return evaluate.main(["--data", str(SAMPLE), *limits, *extra])


def report_of_run(output: Path, weights: Path) -> dict[str, object]:
    assert run("--model", "tiny", "--weights", str(weights), "--json", str(output)) == 0
    report = json.loads(output.read_text())
    for key in ("seconds", "datasets", "weights"):
        del report[key]
    return report


def test_a_weights_file_and_a_checkpoint_of_the_same_weights_agree(tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = build_sam("tiny").state_dict()
    torch.save(weights, tmp_path / "tiny.pth")
    save_checkpoint(tmp_path / "last.pt", {"average": {"weights": weights}})
    other = {name: tensor + 0.05 for name, tensor in weights.items()}
    torch.save(other, tmp_path / "other.pth")
    first, second, third = (
        report_of_run(tmp_path / "out.json", tmp_path / name) for name in ("tiny.pth", "last.pt", "other.pth")
    )
    assert first == second
    assert first != third


def test_the_report_names_what_was_measured(tmp_path: Path, tiny_safetensors: Path) -> None:
    output = tmp_path / "out.json"
    assert (
        run("--model", "tiny", "--weights", str(tiny_safetensors), "--json", str(output), "--seed", "3") == 0
    )
    report = json.loads(output.read_text())
    facts = {"model": "tiny", "weights": "tiny.safetensors", "split": "val", "min_area": 100, "limit": 1}
    assert facts.items() <= report.items()
    assert (report["max_masks_per_image"], report["seed"]) == (2, 3)


def test_weights_of_another_architecture_are_one_line(
    tiny_safetensors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--model", "anymask_s", "--weights", str(tiny_safetensors)) == 1
    error = capsys.readouterr().err.strip()
    assert "do not fit anymask_s" in error
    assert len(error.splitlines()) == 1


def test_an_artifact_is_measured_with_its_own_weights_only(
    tmp_path: Path, tiny_safetensors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--model", str(tmp_path), "--weights", str(tiny_safetensors)) == 1
    assert "leave --weights out" in capsys.readouterr().err
