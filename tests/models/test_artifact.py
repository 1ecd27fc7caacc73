"""Artifacts: written whole or not at all, never twice, verified on loading; the export command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.cli.export_decoder import main
from models.cli.upgrade_artifacts import main as upgrade
from models.sam.artifact import load_artifact, shipped_weights, write_artifact
from models.sam.detection.learning import new_detector
from models.sam.detection.weights import save_detector
from models.sam.errors import ModelError
from models.sam.manifest import read_manifest, sha256_file
from models.sam.modeling.sam import Sam


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def untimed(manifest: str) -> dict[str, object]:
    """A manifest's content without how long the model took."""
    content: dict[str, object] = json.loads(manifest)
    return content | {"metrics": {}}


def test_an_artifact_has_manifest_weights_and_graphs(tiny_safetensors: Path, tmp_path: Path) -> None:
    artifact = write_artifact("tiny", tiny_safetensors, tmp_path)
    version = sha256_file(tiny_safetensors)[:12]
    assert files(tmp_path) == [
        *("tiny", f"tiny/{version}", f"tiny/{version}/click.onnx", f"tiny/{version}/manifest.json"),
        *(f"tiny/{version}/prepare.onnx", f"tiny/{version}/weights.safetensors"),
    ]
    manifest = read_manifest(artifact.folder)
    assert manifest == artifact.manifest
    assert (manifest.image_size, manifest.embedding_shape) == (256, [1, 64, 16, 16])
    assert (manifest.low_res_size, set(manifest.graphs)) == ([64, 64], {"prepare", "click"})
    assert manifest.parameters == sum(p.numel() for p in load_artifact(artifact.folder).parameters())
    assert artifact.created
    assert artifact.deviation is not None
    assert 0 < artifact.deviation.logits < 0.01


def test_the_loaded_model_answers_as_the_exported_one(
    tiny_sam: Sam, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    artifact = write_artifact("tiny", tiny_checkpoint, tmp_path)
    assert artifact.manifest.weights.file == "weights.pth"
    loaded = load_artifact(artifact.folder)
    assert not loaded.training
    for name, tensor in tiny_sam.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor, atol=0, rtol=0)


def test_an_existing_artifact_is_left_alone(tiny_safetensors: Path, tmp_path: Path) -> None:
    first = write_artifact("tiny", tiny_safetensors, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    second = write_artifact("tiny", tiny_safetensors, tmp_path)
    assert (second.created, second.manifest) == (False, first.manifest)
    assert {path: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before


def test_a_second_export_does_not_load_torch(tiny_safetensors: Path, tmp_path: Path) -> None:
    write_artifact("tiny", tiny_safetensors, tmp_path)
    program = (
        "import sys; from models.cli.export_decoder import main; code = main(sys.argv[1:]);"
        "print(code, 'torch' in sys.modules)"
    )
    arguments = ["--model", "tiny", "--weights", str(tiny_safetensors), "--output", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("0 False")
    assert "is there already" in done.stdout


@pytest.mark.parametrize("victim", ["prepare.onnx", "click.onnx", "weights.safetensors", "manifest.json"])
def test_a_damaged_artifact_is_made_again(tiny_safetensors: Path, tmp_path: Path, victim: str) -> None:
    folder = write_artifact("tiny", tiny_safetensors, tmp_path).folder
    (folder / victim).write_bytes(b"damaged")
    again = write_artifact("tiny", tiny_safetensors, tmp_path)
    assert again.created
    assert not write_artifact("tiny", tiny_safetensors, tmp_path).created
    assert files(tmp_path / "tiny")[0] == again.manifest.version


def test_an_artifact_of_an_older_format_is_exported_again_in_place(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_artifact("tiny", tiny_checkpoint, tmp_path, licence="CC0-1.0").folder
    path = folder / "manifest.json"
    whole = path.read_text()
    old = {name: value for name, value in json.loads(whole).items() if name != "graphs"} | {"format": 1}
    path.write_text(json.dumps(old))
    for graph in ("prepare", "click"):
        (folder / f"{graph}.onnx").unlink()
    os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    assert upgrade(["--output", str(tmp_path)]) == 0
    assert "format 1 to 2" in capsys.readouterr().out
    assert untimed(path.read_text()) == untimed(whole)
    # The newest manifest of a model is the default one; weights from before must not become it.
    assert path.stat().st_mtime_ns == 1_700_000_000_123_456_789
    assert files(folder) == ["click.onnx", "manifest.json", "prepare.onnx", "weights.pth"]
    assert upgrade(["--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    (folder / "weights.pth").unlink()
    path.write_text(json.dumps(old))
    assert upgrade(["--output", str(tmp_path)]) == 1
    assert "checkpoint.missing" in capsys.readouterr().err


def test_damaged_weights_are_not_loaded(tiny_safetensors: Path, tmp_path: Path) -> None:
    folder = write_artifact("tiny", tiny_safetensors, tmp_path).folder
    raw = bytearray((folder / "weights.safetensors").read_bytes())
    raw[-1] ^= 1
    (folder / "weights.safetensors").write_bytes(raw)
    with pytest.raises(ModelError, match=r"artifact\.corrupt"):
        load_artifact(folder)
    with pytest.raises(ModelError, match=r"artifact\.missing"):
        load_artifact(tmp_path / "nowhere")


def test_an_unknown_architecture_is_not_loaded(tiny_safetensors: Path, tmp_path: Path) -> None:
    folder = write_artifact("tiny", tiny_safetensors, tmp_path).folder
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**content, "architecture": "other"}))
    with pytest.raises(ModelError, match=r"artifact\.unknown"):
        load_artifact(folder)


def test_a_failure_leaves_nothing_behind(tiny_safetensors: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"checkpoint\.mismatch"):
        write_artifact("vit_b", tiny_safetensors, tmp_path)
    assert files(tmp_path) == []
    good = write_artifact("tiny", tiny_safetensors, tmp_path)
    before = files(tmp_path)
    bad = tmp_path / "bad.safetensors"
    save_file({"x": torch.zeros(1)}, bad)
    with pytest.raises(ModelError):
        write_artifact("tiny", bad, tmp_path)
    bad.unlink()
    assert files(tmp_path) == before
    assert load_artifact(good.folder)


def test_graphs_that_answer_something_else_are_not_written(
    tiny_sam: Sam, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = dict(tiny_sam.state_dict())
    name = "mask_decoder.output_hypernetworks_mlps.0.layers.0.weight"
    state[name] = state[name] * 1e7  # beyond what float16 holds
    weights = tmp_path / "huge.safetensors"
    save_file(state, weights)
    arguments = ["--model", "tiny", "--weights", str(weights), "--output", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("export.deviates")
    assert files(tmp_path / "out") == []


def test_notes_in_the_weights_reach_the_manifest(tiny_sam: Sam, tmp_path: Path) -> None:
    weights = tmp_path / "noted.safetensors"
    save_file(dict(tiny_sam.state_dict()), weights, {"metrics": '{"box_miou": 0.5}', "licence": "CC0-1.0"})
    manifest = write_artifact("tiny", weights, tmp_path / "out", timed_on=None).manifest
    assert (manifest.metrics, manifest.licence) == ({"box_miou": 0.5}, "CC0-1.0")
    assert (manifest.source_url, manifest.parents) == ("", [])


def test_what_was_retrained_names_its_parent(tiny_sam: Sam, tmp_path: Path) -> None:
    weights = tmp_path / "noted.safetensors"
    noted = {"metrics": json.dumps({"retrained_from": "tiny@0123456789ab"})}
    save_file(dict(tiny_sam.state_dict()), weights, noted)
    manifest = write_artifact("tiny", weights, tmp_path / "out", timed_on=None).manifest
    assert manifest.parents == ["tiny@0123456789ab"]


def test_the_command_prints_folder_and_difference(
    tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", "tiny", "--weights", str(tiny_safetensors), "--output", str(tmp_path)]
    assert main(arguments) == 0
    assert "of the low-res logits' spread" in capsys.readouterr().out
    assert main([*arguments, "--signature", "official", "--quantize", "--return-single-mask"]) == 0
    assert (tmp_path / "tiny_decoder.onnx").is_file()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--model", "tiny"], "weights.not_shipped"),
        (["--model", "tiny", "--weights", "absent.pth"], "checkpoint.missing"),
    ],
)
def test_the_command_fails_with_a_code(
    arguments: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(code)
    assert files(tmp_path) == []


def test_an_unknown_model_is_refused(
    tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", "vit_x", "--weights", str(tiny_safetensors), "--output", str(tmp_path)]) == 1
    assert "vit_x" in capsys.readouterr().err
    assert files(tmp_path) == []


def test_weights_that_do_not_ship_are_named() -> None:
    with pytest.raises(ModelError, match="tiny"):
        shipped_weights("tiny")


def test_a_detector_lies_beside_the_weights_and_stays_when_they_are_exported_again(
    tiny_safetensors: Path, tmp_path: Path
) -> None:
    file, other = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_detector(new_detector((1, 64, 16, 16), seed=1), file, model="tiny@0", quality={"ar_10": 0.5})
    save_detector(new_detector((1, 64, 16, 16), seed=2), other, model="tiny@0")
    out = tmp_path / "out"
    assert write_artifact("tiny", tiny_safetensors, out, timed_on=None).manifest.detector is None
    made = write_artifact("tiny", tiny_safetensors, out, timed_on=None, detector=file)
    assert made.created
    assert made.manifest.detector is not None
    assert made.manifest.metrics["detector"] == {"ar_10": 0.5}
    assert sha256_file(made.folder / made.manifest.detector.file) == sha256_file(file)
    assert read_manifest(made.folder) == made.manifest
    for again in (
        write_artifact("tiny", tiny_safetensors, out, timed_on=None),
        write_artifact("tiny", tiny_safetensors, out, timed_on=None, force=True),
    ):
        assert again.manifest.detector == made.manifest.detector
    changed = write_artifact("tiny", tiny_safetensors, out, timed_on=None, detector=other)
    assert changed.manifest.detector is not None
    assert changed.manifest.detector.sha256 == sha256_file(other)
    (changed.folder / changed.manifest.detector.file).write_bytes(b"broken")
    assert write_artifact("tiny", tiny_safetensors, out, timed_on=None).manifest.detector is None
