"""The graphs of a model with text prompts against PyTorch: a word alone, with clicks, with a mask; clicks pay nothing."""

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch

from models.sam.build import build_sam, model_config
from models.sam.decode.export import export_graphs
from models.sam.decode.read_word import FEATURES, TOKEN, ReadWord
from models.sam.decode.text_export import export_text_graphs, measure_text_deviation
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt

TEXT_DIM = 12
SMALL = replace(model_config("anymask_s"), image_size=256, transformer_mlp_dim=64)
CONFIGS = {"SAM's own": replace(model_config("tiny"), prompt_width=256), "with every part": SMALL}


@pytest.fixture(scope="module", params=list(CONFIGS))
def sam(request: pytest.FixtureRequest) -> Sam:
    torch.manual_seed(0)
    return shaken(build_sam(CONFIGS[request.param]).eval())


def shaken(model: Sam) -> Sam:
    """Norms, biases and a text prompt's last layer must not be at their neutral start, or a lost one would go unseen."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
    return model


@pytest.fixture(params=[True, False], ids=["with a map", "token alone"])
def reading(request: pytest.FixtureRequest, sam: Sam) -> Sam:
    torch.manual_seed(1)
    sam.prompt_encoder.text_prompt = TextPrompt(
        TEXT_DIM, sam.prompt_encoder.embed_dim, has_map=request.param, width=32
    ).eval()
    return shaken(sam)


def files_in(folder: Path) -> tuple[Path, Path, Path]:
    return folder / "prepare.onnx", folder / "word.onnx", folder / "text_click.onnx"


def test_the_exported_files_answer_as_the_model(reading: Sam, tmp_path: Path) -> None:
    prepare, word, click = files_in(tmp_path)
    export_graphs(reading, prepare, tmp_path / "click.onnx", is_rounded=False)
    export_text_graphs(reading, word, click, is_rounded=False)
    exact = measure_text_deviation(reading, prepare, word, click)
    assert exact.logits < 2e-5
    assert exact.iou < 1e-5
    export_graphs(reading, prepare, tmp_path / "click.onnx")
    export_text_graphs(reading, word, click)
    assert exact.logits < measure_text_deviation(reading, prepare, word, click).logits < 2e-2


@torch.no_grad()
def test_another_word_is_another_answer(reading: Sam) -> None:
    """What `measure_text_deviation` compares depends on the word, or it would say nothing."""
    reader = ReadWord(reading)
    embedding = torch.randn(1, reader.prompt.embed_dim, *reader.grid)
    first, second = (reader(embedding, torch.randn(1, TEXT_DIM)) for _ in range(2))
    assert len(first) == (2 if reader.prompt.has_map else 1)
    assert all(float((a - b).abs().max()) > 1e-3 for a, b in zip(first, second, strict=True))


def test_clicks_without_a_word_know_nothing_of_it(reading: Sam, tmp_path: Path) -> None:
    files = tmp_path / "prepare.onnx", tmp_path / "click.onnx"
    export_graphs(reading, *files)
    names = {given.name for given in onnx.load(files[1]).graph.input}
    assert not names & {TOKEN, FEATURES}
    weights = sum(weight.ByteSize() for weight in onnx.load(files[1]).graph.initializer)
    reading.prompt_encoder.text_prompt = None
    export_graphs(reading, *files)
    assert weights == sum(weight.ByteSize() for weight in onnx.load(files[1]).graph.initializer)


def test_a_model_without_text_prompts_has_no_such_graphs(sam: Sam, tmp_path: Path) -> None:
    sam.prompt_encoder.text_prompt = None
    with pytest.raises(ValueError, match="no text prompts"):
        export_text_graphs(sam, *files_in(tmp_path)[1:])
