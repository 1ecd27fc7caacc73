"""The browser's two graphs against the PyTorch decoder: same answers, empty slots without effect, small files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.sam.build import build_sam, model_config
from models.sam.decode.dense_prompt import MaskFeatures
from models.sam.decode.export import example_prompt, export_graphs, measure_deviation, size_of
from models.sam.decode.graphs import PROJECTED, WIDENED, ClickDecoder, PrepareImage
from models.sam.modeling.labels import ABSENT
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam

# Widths, heads and activations differ between the first and the last two; the two in the middle do without their last
# rows, the third draws its prompts, the fourth has every part.
SMALL = replace(model_config("anymask_s"), image_size=256, transformer_mlp_dim=64)
CONFIGS = {
    "tiny": model_config("tiny"),
    "official width": replace(model_config("tiny"), prompt_width=256),
    "with maps": replace(SMALL, prompt_similarity=False, mask_quality=False),
    "with similarity": SMALL,
}


@pytest.fixture(scope="module", params=list(CONFIGS))
def sam(request: pytest.FixtureRequest) -> Sam:
    torch.manual_seed(0)
    model = build_sam(CONFIGS[request.param]).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # Norms and biases must not be at their neutral start, or a lost one would go unseen.
            parameter += 0.02 * torch.randn_like(parameter)
    return model


def embedding_of(sam: Sam, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    encoder = sam.prompt_encoder
    return torch.randn(1, encoder.embed_dim, *encoder.image_embedding_size, generator=random)


@torch.no_grad()
def answer(
    sam: Sam, embedding: torch.Tensor, prompt: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """IoU predictions and logits of the two graphs, run by PyTorch."""
    coords, labels, mask, has_mask = prompt.values()
    features = MaskFeatures(sam.prompt_encoder)(mask)
    if not has_mask:
        features = torch.zeros_like(features[:1])
    prepare = PrepareImage(sam)
    prepared = dict(zip(prepare.names, prepare(embedding), strict=True))
    return ClickDecoder(sam)(point_coords=coords, point_labels=labels, mask_features=features, **prepared)


@torch.no_grad()
def reference(
    sam: Sam, embedding: torch.Tensor, prompt: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    coords, labels, mask, has_mask = prompt.values()
    encoder = sam.prompt_encoder
    dense = encoder.embed_dense(coords, labels, mask if has_mask else None, image=ImageOfPrompts(embedding))
    sparse = encoder.embed_points(coords, labels)
    masks, iou = sam.mask_decoder.predict_masks(embedding, encoder.get_dense_pe(), sparse, dense)
    return iou, masks


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=st.integers(1, 9), has_mask=st.booleans(), seed=st.integers(0, 2**16))
def test_the_graphs_answer_as_the_decoder(sam: Sam, points: int, has_mask: bool, seed: int) -> None:
    prompt = example_prompt(sam, points, 0, seed, has_mask)
    embedding = embedding_of(sam, seed)
    iou, masks = answer(sam, embedding, prompt)
    expected_iou, expected = reference(sam, embedding, prompt)
    assert float((masks - expected).abs().max() / expected.std()) < 2e-5
    torch.testing.assert_close(iou, expected_iou, atol=1e-5, rtol=1e-4)


def test_empty_slots_change_nothing(sam: Sam) -> None:
    embedding, prompt = embedding_of(sam, 1), example_prompt(sam, 3, 0, 1)
    padded = dict(prompt)
    padded["point_coords"] = torch.cat([prompt["point_coords"], torch.full((1, 4, 2), 77.0)], dim=1)
    padded["point_labels"] = torch.cat([prompt["point_labels"], torch.full((1, 4), float(ABSENT))], dim=1)
    iou, masks = answer(sam, embedding, prompt)
    padded_iou, padded_masks = answer(sam, embedding, padded)
    torch.testing.assert_close(padded_masks, masks, atol=2e-5 * float(masks.std()), rtol=1e-4)
    torch.testing.assert_close(padded_iou, iou, atol=1e-5, rtol=1e-4)
    # A slot that is filled does change the answer, so the comparison above says something.
    padded["point_labels"][0, -1] = 0.0
    assert float((answer(sam, embedding, padded)[1] - masks).abs().max()) > 1e-2 * float(masks.std())


def test_the_exported_files_answer_as_the_decoder(sam: Sam, tmp_path: Path) -> None:
    full, half = (
        (tmp_path / "full.prepare", tmp_path / "full.click"),
        (tmp_path / "prepare", tmp_path / "click"),
    )
    export_graphs(sam, *full, is_rounded=False)
    export_graphs(sam, *half)
    exact = measure_deviation(sam, *full)
    assert exact.logits < 2e-5
    assert exact.iou < 1e-5
    rounded = measure_deviation(sam, *half)
    assert exact.logits < rounded.logits < 2e-2
    assert half[1].stat().st_size < 0.65 * full[1].stat().st_size


def test_models_do_without_their_last_rows_where_that_is_less_work() -> None:
    prepared = {name: PrepareImage(build_sam(config)).names for name, config in CONFIGS.items()}
    with_low_rank = {name for name, names in prepared.items() if {*WIDENED} <= {*names}}
    assert with_low_rank == {"official width", "with maps"}
    # What is prepared for them takes its time, and the first projections take less when they are needed.
    assert {name for name, names in prepared.items() if {*PROJECTED} <= {*names}} == {
        *CONFIGS
    } - with_low_rank


def test_without_a_mask_prompt_its_rows_are_left_out(sam: Sam, tmp_path: Path) -> None:
    files = tmp_path / "prepare.onnx", tmp_path / "click.onnx"
    export_graphs(sam, *files)
    (choice,) = (node for node in onnx.load(files[1]).graph.node if node.op_type == "If")
    rows = {branch.name: [size_of(output)[0] for output in branch.g.output] for branch in choice.attribute}
    assert rows == {"then_branch": [17], "else_branch": [1]}


def test_without_a_mask_prompt_its_input_is_not_looked_at(sam: Sam, tmp_path: Path) -> None:
    files = tmp_path / "prepare.onnx", tmp_path / "click.onnx"
    export_graphs(sam, *files)
    prepare, click = (onnxruntime.InferenceSession(str(path)) for path in files)
    names = [output.name for output in prepare.get_outputs()]
    prepared = dict(
        zip(names, prepare.run(None, {"image_embeddings": embedding_of(sam, 1).numpy()}), strict=True)
    )
    feeds = prepared | {name: value.numpy() for name, value in example_prompt(sam, 2, 0, 1, False).items()}
    iou, masks = click.run(None, feeds)
    others = click.run(None, feeds | {"mask_input": np.full_like(feeds["mask_input"], np.nan)})
    np.testing.assert_array_equal(others[1], masks)
    with_mask = click.run(None, feeds | {"has_mask_input": np.ones(1, np.float32)})
    assert np.abs(with_mask[0] - iou).max() > 1e-6
