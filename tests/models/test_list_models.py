"""The table of models: what the manifests say, and what could be had besides."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.cli.list_models import main
from models.sam.artifact import write_artifact
from models.sam.published import OFFICIAL


@pytest.fixture(scope="module")
def folder(tiny_safetensors: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one artifact, whose manifest was given figures, parents and a licence of its own."""
    models = tmp_path_factory.mktemp("models")
    artifact = write_artifact("tiny", tiny_safetensors, models, licence="CC0-1.0", timed_on=None)
    speed = {"encoder_seconds": 0.123, "click_seconds": 0.0456, "speed_device": "cpu", "speed_threads": 2}
    metrics = {"box_miou": 0.5, "retrained_from": "tiny@0123456789ab", **speed}
    replace(artifact.manifest, parents=["tiny@0123456789ab"], metrics=metrics).write(artifact.folder)
    return models


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_row_tells_what_the_manifest_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (version,) = (path.name for path in (folder / "tiny").iterdir())
    assert main([str(folder)]) == 0
    header, row, *others = lines(capsys)
    assert header.split()[:7] == ["name", "version", "architecture", "parameters", "MB", "licence", "parents"]
    assert row.split()[:3] == ["tiny", version, "tiny"]
    for part in ("CC0-1.0", "tiny@0123456789ab", " 0.123 ", " 0.0456 ", "cpu, 2 threads", "box_miou=0.5"):
        assert part in row
    assert "retrained_from" not in row
    assert header.index("licence") == row.index("CC0-1.0")
    assert [line.split()[2] for line in others] == [checkpoint.name for checkpoint in OFFICIAL]


def test_json_is_the_manifests(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["name"], entry["parents"]) == ("tiny", ["tiny@0123456789ab"])


def test_a_published_model_that_is_there_is_not_offered(
    tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = write_artifact("tiny", tiny_safetensors, tmp_path, timed_on=None).manifest
    mobile = next(checkpoint for checkpoint in OFFICIAL if checkpoint.name == "mobile_sam")
    there = tmp_path / "mobile_sam" / mobile.version
    there.mkdir(parents=True)
    weights = replace(manifest.weights, sha256=mobile.sha256)
    replace(manifest, name="mobile_sam", version=mobile.version, weights=weights).write(there)
    assert main([str(tmp_path)]) == 0
    assert "not here: mobile_sam" not in capsys.readouterr().out


def test_what_cannot_be_read_is_told_and_the_others_are_listed(
    tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_artifact("tiny", tiny_safetensors, tmp_path, timed_on=None)
    broken = tmp_path / "other" / "0123456789ab"
    broken.mkdir(parents=True)
    (broken / "manifest.json").write_text("{}")
    assert main([str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "manifest.invalid" in captured.err
    assert str(broken) in captured.err
    assert captured.out.splitlines()[1].startswith("tiny ")
    assert main([str(tmp_path / "absent")]) == 1
