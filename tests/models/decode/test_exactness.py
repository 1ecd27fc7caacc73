"""The comparison on random prompts: close for the model that was exported, and telling for another one."""

import copy
from pathlib import Path

import pytest
import torch

from models.cli.compare_decoder import main
from models.sam.artifact import write_artifact
from models.sam.decode.exactness import compare_decoders, fill_slots, mask_ious
from models.sam.modeling.sam import Sam


def test_the_command_prints_how_close_an_artifact_is(
    tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_artifact("tiny", tiny_safetensors, tmp_path).folder
    assert main([str(folder), "--prompts", "6"]) == 0
    assert "6 prompts: logits differ by at most" in capsys.readouterr().out
    (folder / "click.onnx").write_bytes(b"damaged")
    assert main([str(folder), "--prompts", "6"]) == 1
    assert "artifact.corrupt" in capsys.readouterr().err


def test_another_models_graphs_are_told_apart(tiny_sam: Sam, tiny_safetensors: Path, tmp_path: Path) -> None:
    folder = write_artifact("tiny", tiny_safetensors, tmp_path).folder
    embeddings = [torch.randn(1, 64, 16, 16, generator=torch.Generator().manual_seed(3))]
    files = folder / "prepare.onnx", folder / "click.onnx"
    same = compare_decoders(tiny_sam, *files, embeddings, 8)
    assert 0 < same.logits < 0.02 * same.spread
    assert same.mean_iou > 0.99
    changed = copy.deepcopy(tiny_sam)
    with torch.no_grad():
        changed.prompt_encoder.no_mask_embed.weight += 0.5
    other = compare_decoders(changed, *files, embeddings, 8)
    assert other.logits > 10 * same.logits
    assert other.worst_iou < same.worst_iou


def test_slots_are_filled_and_masks_compared() -> None:
    coords, labels = fill_slots(torch.ones(1, 4, 2), torch.ones(1, 4))
    assert (coords.shape, labels.tolist()) == ((1, 5, 2), [[1, 1, 1, 1, -2]])
    empty, full = torch.zeros(2, 2, dtype=torch.bool), torch.ones(2, 2, dtype=torch.bool)
    half = torch.tensor([[True, True], [False, False]])
    masks, others = torch.stack([empty, full, half]), torch.stack([empty, half, ~half])
    assert list(mask_ious(masks, others)) == [1.0, 0.5, 0.0]
