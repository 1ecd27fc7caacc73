"""A narrower decoder: what it answers, which weights it is read from, what it is refused for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from models.cli.narrow_decoder import main as narrow_decoder
from models.cli.train import main as train
from models.sam.build import (
    SamConfig,
    build_sam,
    config_for_weights,
    model_config,
    sam_from_state_dict,
    shapes_of,
)
from models.sam.decode.export import export_graphs, measure_deviation
from models.sam.errors import ModelError
from models.sam.load import load_model
from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam
from models.sam.narrowing.fit import narrowed
from models.sam.narrowing.observe import NarrowConfig, Observations, check, observe
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import read_images
from models.sam.training.export import half_weights, header_of, read_weights, write_weights
from models.sam.weights import check_shapes, recognise

# Products this small only wait for one another on several.
pytestmark = pytest.mark.usefixtures("one_thread")
SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
SMALL: SamConfig = replace(model_config("anymask_s"), image_size=128, transformer_mlp_dim=64)
NARROW = replace(SMALL, prompt_rank=6, upscaling_widths=(16, 8))
QUICK = NarrowConfig(prompt_rank=6, masks_per_image=2, steps=300)


@pytest.fixture(scope="module")
def wide() -> Sam:
    """A model whose prompts draw four kinds of things, and most of whose upscaling is off."""
    torch.manual_seed(0)
    sam = build_sam(SMALL).eval()
    maps, similarity = sam.prompt_encoder.prompt_maps, sam.prompt_encoder.prompt_similarity
    assert maps is not None
    assert similarity is not None
    kinds = torch.randn(4, 128)
    with torch.no_grad():
        for part in (maps, similarity):
            part.project.weight.copy_((torch.randn(part.project.in_features, 4) @ kinds).T * 0.1)
        _, norm, _, second, _ = sam.mask_decoder.output_upscaling
        assert isinstance(norm, LayerNorm2d)
        assert isinstance(second, nn.ConvTranspose2d)
        assert second.bias is not None
        norm.weight[12:], norm.bias[12:] = 0.2, -2.0
        second.bias[6:] = -9.0
    return sam


@pytest.fixture(scope="module")
def observed(wide: Sam) -> Observations:
    return observe(SamPredictor(wide), list(read_images(SAMPLE, "all"))[:3], QUICK)


@torch.no_grad()
def dense_of(sam: Sam, embedding: torch.Tensor) -> torch.Tensor:
    points = torch.tensor([[[30.0, 40.0], [90.0, 70.0]]]), torch.tensor([[1.0, 0.0]])
    return sam.prompt_encoder.embed_dense(*points, image=ImageOfPrompts(embedding))


def test_a_narrow_decoder_answers_nearly_as_the_wide_one(wide: Sam, observed: Observations) -> None:
    narrow, deviation = narrowed(wide, observed, QUICK)
    assert deviation < 0.1
    assert config_for_weights(SMALL, shapes_of(narrow.state_dict())) == NARROW
    image = np.asarray(next(iter(read_images(SAMPLE, "all"))).pixels())
    answers = []
    for sam in (wide, narrow):
        predictor = SamPredictor(sam)
        predictor.set_image(image)
        answers.append(predictor.predict(np.array([[40, 40]]), np.array([1])).low_res_masks)
    assert np.std(answers[0] - answers[1]) < 0.2 * np.std(answers[0])


def test_prompts_of_few_kinds_lose_nothing(wide: Sam, observed: Observations) -> None:
    narrow, _ = narrowed(wide, observed, replace(QUICK, prompt_rank=4, steps=1))
    lossy, _ = narrowed(wide, observed, replace(QUICK, prompt_rank=1, steps=1))
    embedding = torch.randn(1, 128, 16, 16, generator=torch.Generator().manual_seed(2))
    expected = dense_of(wide, embedding)
    torch.testing.assert_close(dense_of(narrow, embedding), expected, atol=1e-3, rtol=1e-3)
    assert float((dense_of(lossy, embedding) - expected).abs().max()) > 1e-2


def test_the_given_model_is_left_alone(wide: Sam, observed: Observations) -> None:
    before = {name: value.clone() for name, value in wide.state_dict().items()}
    narrow, _ = narrowed(wide, observed, replace(QUICK, steps=2))
    assert all(torch.equal(value, before[name]) for name, value in wide.state_dict().items())
    encoder = "image_encoder."
    kept = narrow.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in before.items() if name.startswith(encoder))


def test_a_narrow_decoder_is_exported_as_it_answers(tmp_path: Path) -> None:
    torch.manual_seed(0)
    sam = build_sam(replace(NARROW, image_size=256)).eval()
    files = tmp_path / "prepare.onnx", tmp_path / "click.onnx"
    export_graphs(sam, *files, is_rounded=False)
    assert measure_deviation(sam, *files).logits < 2e-5


def test_weights_say_how_narrow_their_decoder_is() -> None:
    config = replace(model_config("anymask_s"), prompt_rank=16, upscaling_widths=(16, 8))
    state = build_sam(config).state_dict()
    shapes = shapes_of(state)
    assert config_for_weights("anymask_s", shapes) == config
    assert recognise(shapes) == "anymask_s"
    sam = sam_from_state_dict("anymask_s", state)
    assert sam.prompt_encoder.prompt_widening is not None
    wider = shapes | {"mask_decoder.output_upscaling.3.weight": (16, 17, 2, 2)}
    with pytest.raises(ModelError, match="misshaped"):
        check_shapes("anymask_s", wider)
    del shapes["prompt_encoder.prompt_widening.weight"]
    with pytest.raises(ModelError, match="missing"):
        check_shapes("anymask_s", shapes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (NarrowConfig(prompt_rank=128), "rank"),
        (NarrowConfig(upscaling_widths=(16, 17)), "cannot be narrowed"),
        (NarrowConfig(upscaling_widths=(4, 8)), "passive"),
    ],
)
def test_widths_that_do_not_fit_are_refused(wide: Sam, change: NarrowConfig, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check(wide, change)


def test_models_without_drawn_prompts_are_refused(tiny_sam: Sam) -> None:
    with pytest.raises(ValueError, match="draws and compares"):
        check(tiny_sam, QUICK)


def test_the_command_writes_weights_that_training_goes_on_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide, output = tmp_path / "wide.safetensors", tmp_path / "narrow.safetensors"
    write_weights(
        half_weights(build_sam(model_config("anymask_s")).state_dict()), wide, header_of("anymask_s", 7)
    )
    arguments = ["--data", f"{SAMPLE}=1", "--split", "all", "--model", "anymask_s", "--steps", "3"]
    arguments += ["--weights", str(wide), "--masks-per-image", "1"]
    assert narrow_decoder([*arguments, "--output", str(output)]) == 0
    assert read_weights(output)[1]["step"] == "7"
    widths = load_model("anymask_s", output, "cpu").mask_decoder.output_upscaling[3].weight.shape
    assert widths == (16, 8, 2, 2)
    run = [
        "--data",
        str(SAMPLE),
        "--split",
        "all",
        "--model",
        "anymask_s",
        "--stages",
        "64x1:1",
        "--loader-workers",
        "0",
    ]
    run += [
        "--corrections",
        "0",
        "1",
        "--idle-passes",
        "0",
        "--masks-per-image",
        "1",
        "--out",
        str(tmp_path / "run"),
    ]
    assert train([*run, "--steps", "1", "--init", str(output)]) == 0
    assert train([*run, "--steps", "2", "--resume"]) == 0
    again = ["--data", f"{SAMPLE}=1", "--split", "all", "--model", "anymask_s", "--weights", str(output)]
    assert narrow_decoder([*again, "--output", str(tmp_path / "twice.safetensors")]) == 1
    assert "at its own width" in capsys.readouterr().err
