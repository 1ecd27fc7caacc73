"""Registering checkpoint files: the published ones by hash, one's own on request, everything else refused."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.cli.register_checkpoint import main
from models.sam.artifact import load_artifact
from models.sam.checkpoints import (
    identify_official,
    official_checkpoint,
    register_checkpoint,
)
from models.sam.errors import ModelError
from models.sam.manifest import sha256_file
from models.sam.modeling.sam import Sam
from models.sam.published import OFFICIAL, OfficialCheckpoint


class Bomb:
    """Unpickling this writes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.target,)


def published(path: Path) -> OfficialCheckpoint:
    return OfficialCheckpoint("tiny", path.name, "", path.stat().st_size, sha256_file(path))


def refused(path: Path, output: Path, **options: object) -> ModelError:
    """The error of registering `path`; nothing may be left in `output`."""
    with pytest.raises(ModelError) as caught:
        register_checkpoint(path, output, **options)
    assert not output.exists() or list(output.iterdir()) == []
    return caught.value


def test_a_published_file_is_known_by_size_and_hash(tiny_checkpoint: Path, tmp_path: Path) -> None:
    official = [published(tiny_checkpoint)]
    artifact = register_checkpoint(tiny_checkpoint, tmp_path, official=official)
    assert (artifact.manifest.name, artifact.manifest.licence) == ("tiny", "Apache-2.0")
    assert load_artifact(artifact.folder)
    assert not register_checkpoint(tiny_checkpoint, tmp_path, official=official).created


def test_the_hash_alone_decides_not_the_name(tiny_checkpoint: Path) -> None:
    assert identify_official(tiny_checkpoint, [published(tiny_checkpoint)]) is not None
    other = replace(published(tiny_checkpoint), sha256="0" * 64)
    assert identify_official(tiny_checkpoint, [other]) is None


def test_an_unknown_file_needs_consent_and_is_recognised(tiny_checkpoint: Path, tmp_path: Path) -> None:
    assert refused(tiny_checkpoint, tmp_path / "out").code == "checkpoint.unknown_hash"
    artifact = register_checkpoint(tiny_checkpoint, tmp_path / "out", allow_unknown_hash=True)
    assert (artifact.manifest.name, artifact.manifest.licence) == ("tiny", "not stated")


def test_a_cut_off_published_file_is_told_by_its_size(tiny_checkpoint: Path, tmp_path: Path) -> None:
    cut = tmp_path / tiny_checkpoint.name
    cut.write_bytes(tiny_checkpoint.read_bytes()[:-1000])
    error = refused(cut, tmp_path / "out", official=[published(tiny_checkpoint)])
    assert error.code == "checkpoint.wrong_size"
    assert str(cut.stat().st_size) in error.message


@pytest.mark.parametrize("keep", [0, 10, 5000, -1000])
@pytest.mark.parametrize("kind", ["tiny_checkpoint", "tiny_safetensors"])
def test_a_cut_off_file_of_ones_own_is_refused(
    kind: str, keep: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source: Path = request.getfixturevalue(kind)
    cut = tmp_path / f"mine{source.suffix}"
    cut.write_bytes(source.read_bytes()[:keep])
    for name in (None, "tiny"):
        error = refused(cut, tmp_path / "out", allow_unknown_hash=True, name=name)
        assert error.code == "checkpoint.unreadable"


@pytest.mark.parametrize("torch_format", [True, False])
def test_code_in_a_pickle_never_runs(tmp_path: Path, torch_format: bool) -> None:
    marker, path = tmp_path / "ran", tmp_path / "evil.pth"
    content = {"weight": torch.zeros(1), "bomb": Bomb(marker)}
    if torch_format:
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(Bomb(marker)))
    for name in (None, "tiny"):
        error = refused(path, tmp_path / "out", allow_unknown_hash=True, name=name)
        assert error.code in ("checkpoint.unsafe", "checkpoint.unreadable")
        assert torch_format is False or error.code == "checkpoint.unsafe"
    assert not marker.exists()


def test_other_contents_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    for content in ([torch.zeros(1)], {"model": {"weight": torch.zeros(1)}}, {"epoch": 3}):
        torch.save(content, path)
        assert refused(path, tmp_path / "out", allow_unknown_hash=True).code == "checkpoint.unreadable"
    path.write_bytes(b"<html>not found</html>")
    assert refused(path, tmp_path / "out", allow_unknown_hash=True).code == "checkpoint.unreadable"
    torch.save({"weight": torch.zeros(1)}, path)
    assert refused(path, tmp_path / "out", allow_unknown_hash=True).code == "checkpoint.unrecognised"


def test_differences_are_listed_by_name(tiny_sam: Sam, tmp_path: Path) -> None:
    state = dict(tiny_sam.state_dict())
    del state["mask_decoder.iou_token.weight"]
    state["head.weight"] = torch.zeros(3)
    state["image_encoder.pos_embed"] = torch.zeros(1, 8, 8, 32)
    path = tmp_path / "mine.safetensors"
    save_file(state, path)
    error = refused(path, tmp_path / "out", allow_unknown_hash=True)
    assert error.code == "checkpoint.mismatch"
    assert "1 missing: mask_decoder.iou_token.weight" in error.message
    assert "1 extra: head.weight" in error.message
    assert "image_encoder.pos_embed [1, 8, 8, 32] instead of [1, 16, 16, 32]" in error.message


def test_a_wrong_model_name_is_refused(tiny_checkpoint: Path, tmp_path: Path) -> None:
    official = [published(tiny_checkpoint)]
    error = refused(tiny_checkpoint, tmp_path / "out", name="vit_b", official=official)
    assert error.code == "checkpoint.mismatch"
    error = refused(tiny_checkpoint, tmp_path / "out", name="vit_b", allow_unknown_hash=True)
    assert error.code == "checkpoint.mismatch"


def test_the_published_table_is_complete() -> None:
    assert [checkpoint.name for checkpoint in OFFICIAL] == ["vit_b", "vit_l", "vit_h", "mobile_sam"]
    assert all(len(checkpoint.sha256) == 64 for checkpoint in OFFICIAL)
    assert official_checkpoint("vit_h").bytes == 2_564_550_879
    with pytest.raises(ModelError, match=r"checkpoint\.not_published"):
        official_checkpoint("tiny")


def test_the_command_registers_and_refuses(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = ["--output", str(tmp_path / "out")]
    assert main([str(tiny_checkpoint), *output]) == 1
    assert capsys.readouterr().err.startswith("checkpoint.unknown_hash")
    assert main([str(tmp_path / "absent.pth"), *output]) == 1
    assert capsys.readouterr().err.startswith("checkpoint.missing")
    assert not (tmp_path / "out").exists()
    assert main([str(tiny_checkpoint), "--allow-unknown-hash", *output]) == 0
    assert "registered" in capsys.readouterr().out
    assert main([str(tiny_checkpoint), "--allow-unknown-hash", *output]) == 0
    assert "was registered already" in capsys.readouterr().out
