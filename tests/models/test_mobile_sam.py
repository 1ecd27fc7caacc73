"""MobileSAM through the registry: known by its names, registered, loaded, exported; weights are random."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.cli.model_options import steps_of
from models.cli.register_checkpoint import main
from models.sam.artifact import Artifact, load_artifact, write_artifact
from models.sam.build import build_sam
from models.sam.decode.export import Graphs
from models.sam.errors import ModelError
from models.sam.load import load_model
from models.sam.manifest import read_manifest
from models.sam.predictor import SamPredictor
from models.sam.transforms import scale_coords


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the published one is: bare weights that end in .pt."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("mobile") / "mobile_sam.pt"
    torch.save(build_sam("mobile_sam").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def artifact(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    output = tmp_path_factory.mktemp("models")
    assert main([str(checkpoint), "--allow-unknown-hash", "--output", str(output)]) == 0
    (manifest,) = output.glob("mobile_sam/*/manifest.json")
    return Artifact(manifest.parent, read_manifest(manifest.parent), created=True)


def test_a_file_of_ones_own_is_recognised_by_its_names(artifact: Artifact) -> None:
    manifest = artifact.manifest
    assert (manifest.architecture, manifest.licence, manifest.parents) == ("mobile_sam", "not stated", [])
    assert (manifest.image_size, manifest.embedding_shape) == (1024, [1, 256, 64, 64])
    assert (manifest.low_res_size, manifest.weights.file) == ([256, 256], "weights.pt")
    assert manifest.parameters == 10_130_092


def test_another_file_under_the_published_name_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    from models.sam.checkpoints import register_checkpoint

    with pytest.raises(ModelError, match=r"checkpoint\.wrong_size.*40728226"):
        register_checkpoint(checkpoint, tmp_path)


def test_the_graphs_answer_as_the_loaded_model(artifact: Artifact, golden: Path) -> None:
    predictor = SamPredictor(load_artifact(artifact.folder))
    image = np.asarray(Image.open(golden / "fullsize_image.png").convert("RGB"))
    predictor.set_image(image)
    encoded = predictor.images[0]
    assert encoded.embedding.shape == (1, 256, 64, 64)
    assert max(encoded.input_size) == 1024
    points, labels = np.array([[image.shape[1] * 0.4, image.shape[0] * 0.6]], np.float32), np.array([1])
    expected = predictor.predict(points, labels)
    graphs = Graphs(artifact.folder / "prepare.onnx", artifact.folder / "click.onnx")
    scaled = torch.from_numpy(scale_coords(points, image.shape[:2], 1024)).float()
    coords = torch.cat([scaled, torch.zeros(1, 2)])[None]
    masks, iou = graphs.click(graphs.prepare(encoded.embedding), coords, torch.tensor([[1.0, -1.0]]), None)
    spread = expected.low_res_masks.std()
    assert np.abs(masks[0, 1:].numpy() - expected.low_res_masks).max() < 0.02 * spread
    assert np.abs(iou[0, 1:].numpy() - expected.iou_predictions).max() < 0.01


def test_bare_weights_that_end_in_pt_are_no_checkpoint_of_a_run(checkpoint: Path) -> None:
    import argparse

    sam = load_model("mobile_sam", checkpoint, "cpu")
    assert sam.image_encoder.get_parameter("neck.0.weight").shape == (256, 320, 1, 1)
    assert steps_of(argparse.Namespace(model="mobile_sam", weights=checkpoint)) == 0


def test_a_published_file_names_its_source_and_its_parent(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from models.sam import published
    from models.sam.manifest import sha256_file

    mobile = next(checkpoint for checkpoint in published.OFFICIAL if checkpoint.name == "mobile_sam")
    assert mobile.parents == ("vit_h@a7bf3b02f3eb",)
    file = replace(mobile, name="tiny", sha256=sha256_file(tiny_checkpoint))
    monkeypatch.setattr(published, "OFFICIAL", (file,))
    folder = write_artifact("tiny", tiny_checkpoint, tmp_path, timed_on=None).folder
    content = json.loads((folder / "manifest.json").read_text())
    assert (content["source_url"], content["parents"]) == (mobile.url, ["vit_h@a7bf3b02f3eb"])
    assert content["metrics"] == {}
