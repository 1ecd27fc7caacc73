"""Exported decoders in onnxruntime: equal to torch for other prompt counts, self-contained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from models.sam.build import MODELS, SamConfig, build_sam
from models.sam.modeling.sam import Sam
from models.sam.onnx import (
    OFFICIAL_INPUTS,
    OfficialDecoder,
    OfficialOptions,
    example_inputs,
    export_decoder,
    max_low_res_difference,
)

# float32 sums in another order; logits reach about 30 with random weights.
TOLERANCE = 2e-5


OPTIONS = OfficialOptions()


@pytest.fixture(scope="module")
def exported(tiny_sam: Sam, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "decoder.onnx"
    export_decoder(tiny_sam, path, OPTIONS)
    return path


def test_the_file_has_the_published_names_and_shapes(exported: Path) -> None:
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    assert model.opset_import[0].version == 17
    assert [value.name for value in model.graph.input] == list(OFFICIAL_INPUTS)
    assert [value.name for value in model.graph.output] == ["masks", "iou_predictions", "low_res_masks"]
    shapes = {
        value.name: [size.dim_value or size.dim_param for size in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes["image_embeddings"] == [1, 64, 16, 16]
    assert shapes["point_coords"] == [1, "num_points", 2]
    assert shapes["low_res_masks"] == [1, 4, 64, 64]
    assert shapes["iou_predictions"] == [1, 4]


def test_nothing_lies_beside_the_file(exported: Path) -> None:
    assert [path.name for path in exported.parent.iterdir()] == ["decoder.onnx"]
    assert {node.domain for node in onnx.load(exported).graph.node} == {""}


def test_onnxruntime_agrees_with_torch_for_any_number_of_points(tiny_sam: Sam, exported: Path) -> None:
    difference = max_low_res_difference(tiny_sam, exported, OPTIONS, counts=(1, 2, 3, 5, 17))
    print(f"tiny: largest low-res difference {difference:.2e}")
    assert difference < TOLERANCE


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_registered_decoder_exports(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    # The image encoder is not in the file, and the largest would take gigabytes.
    sam = build_sam(replace(MODELS[name], encoder=NoEncoder(MODELS[name]))).eval()
    path = tmp_path / "decoder.onnx"
    export_decoder(sam, path, OPTIONS)
    difference = max_low_res_difference(sam, path, OPTIONS, counts=(2, 4))
    print(f"{name}: largest low-res difference {difference:.2e}, {path.stat().st_size} bytes")
    assert difference < TOLERANCE


class NoEncoder:
    """The geometry of a model's encoder without its weights."""

    def __init__(self, config: SamConfig) -> None:
        self._side = config.embedding_side

    def embedding_side(self, image_size: int) -> int:
        return self._side

    def build(self, image_size: int, out_channels: int) -> torch.nn.Module:
        return torch.nn.Identity()


@pytest.mark.parametrize(
    "options", [OfficialOptions(), OfficialOptions(True), OfficialOptions(True, True, True)], ids=str
)
@pytest.mark.parametrize("size", [(180, 270), (1200, 33), (64, 64)])
def test_the_official_file_serves_every_photograph_size(
    tiny_sam: Sam, tmp_path: Path, options: OfficialOptions, size: tuple[int, int]
) -> None:
    path = tmp_path / "official.onnx"
    export_decoder(tiny_sam, path, options)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert tuple(value.name for value in session.get_inputs()) == OFFICIAL_INPUTS
    assert tuple(value.name for value in session.get_outputs()) == options.output_names
    inputs = example_inputs(tiny_sam, 3, seed=5)
    inputs["orig_im_size"] = torch.tensor(size, dtype=torch.float32)
    with torch.no_grad():
        expected = OfficialDecoder(tiny_sam, options).eval()(*inputs.values())
    answers = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    assert answers[0].shape[2:] == size
    for name, answer, value in zip(options.output_names, answers, expected, strict=True):
        # One pixel near the threshold may fall on either side in areas and in the stability built on them.
        tolerance = {"areas": 1.0, "stability_scores": 1e-3}.get(name, TOLERANCE)
        np.testing.assert_allclose(answer, value.numpy(), atol=tolerance, rtol=1e-4, err_msg=name)


def test_the_embedding_of_no_mask_ignores_the_mask_input(tiny_sam: Sam, exported: Path) -> None:
    session = onnxruntime.InferenceSession(str(exported), providers=["CPUExecutionProvider"])
    feeds = {name: value.numpy() for name, value in example_inputs(tiny_sam).items()}
    feeds["orig_im_size"] = np.array([64, 64], np.float32)
    feeds["has_mask_input"] = np.zeros(1, np.float32)
    with_noise = session.run(["low_res_masks"], feeds)[0]
    feeds["mask_input"] = np.zeros_like(feeds["mask_input"])
    np.testing.assert_array_equal(session.run(["low_res_masks"], feeds)[0], with_noise)


def test_tanh_gelu_stays_close_and_leaves_erf_out(tiny_sam: Sam, tmp_path: Path) -> None:
    path = tmp_path / "tanh.onnx"
    export_decoder(tiny_sam, path, OPTIONS, gelu_approximate=True)
    assert "Erf" not in {node.op_type for node in onnx.load(path).graph.node}
    assert 0 < max_low_res_difference(tiny_sam, path, OPTIONS) < 0.05
    # The caller's model keeps its exact GELU.
    assert tiny_sam.mask_decoder.output_upscaling[2].approximate == "none"


def test_quantised_weights_make_a_smaller_file_that_runs(
    tiny_sam: Sam, exported: Path, tmp_path: Path
) -> None:
    path = tmp_path / "quantised.onnx"
    export_decoder(tiny_sam, path, OPTIONS, quantize=True)
    assert path.stat().st_size < 0.8 * exported.stat().st_size
    assert max_low_res_difference(tiny_sam, path, OPTIONS) < 1.0
