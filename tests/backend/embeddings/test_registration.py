import hashlib
import io
import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from backend.embeddings.models import ModelVersion


@pytest.fixture
def models_dir(tmp_path: Path, files: Path, db: None, tiny_artifacts: Path, settings: Settings) -> Path:
    """This test's own MODELS_DIR with one artifact; nothing is registered yet."""
    settings.MODELS_DIR = tmp_path / "models"
    shutil.copytree(tiny_artifacts, settings.MODELS_DIR)
    return tmp_path / "models"


def register(*arguments: str) -> str:
    out = io.StringIO()
    call_command("register_models", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_registering_twice_changes_nothing(models_dir: Path, tiny_folder: Path) -> None:
    assert "registered" in register("--default", "tiny")
    before = ModelVersion.objects.values().get()
    assert "known" in register("--default", "tiny")
    assert ModelVersion.objects.values().get() == before
    assert before["is_default"]
    assert before["prepare_bytes"] == (tiny_folder / "prepare.onnx").stat().st_size
    assert before["click_bytes"] == (tiny_folder / "click.onnx").stat().st_size


def test_the_only_model_becomes_the_default(models_dir: Path) -> None:
    assert "is the default" in register()
    assert ModelVersion.objects.get().is_default


def test_an_unknown_default_is_one_clear_line(models_dir: Path) -> None:
    with pytest.raises(CommandError, match="vit_b"):
        register("--default", "vit_b")


@pytest.mark.parametrize("graph", ["prepare", "click"])
def test_a_graph_that_differs_from_its_manifest_is_refused(models_dir: Path, graph: str) -> None:
    path = next(models_dir.glob(f"*/*/{graph}.onnx"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CommandError, match=r"model\.graph_mismatch"):
        register()
    assert not ModelVersion.objects.exists()


def test_an_artifact_of_the_old_format_says_what_to_do(models_dir: Path) -> None:
    path = next(models_dir.glob("*/*/manifest.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    with pytest.raises(CommandError, match="export the model again"):
        register()


def test_registering_again_gives_an_old_row_its_graphs(models_dir: Path) -> None:
    register()
    whole = ModelVersion.objects.values().get()
    blank = {"prepare_key": "", "prepare_sha256": "", "click_key": "", "click_sha256": ""}
    ModelVersion.objects.update(**blank, manifest={"format": 1})
    assert not ModelVersion.objects.get().has_graphs
    register()
    assert ModelVersion.objects.values().get() == whole


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 3),
        ("name", "other"),
        ("embedding_dtype", "float32"),
        ("low_res_size", None),
        ("graphs", {"prepare": {"file": "../prepare.onnx", "sha256": "0"}}),
        ("graphs", {"prepare": {"file": "prepare.onnx", "sha256": "0"}}),
        ("graphs", {}),
    ],
)
def test_a_manifest_this_server_cannot_use_is_refused(models_dir: Path, key: str, value: object) -> None:
    path = next(models_dir.glob("*/*/manifest.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(CommandError):
        register()
    assert not ModelVersion.objects.exists()


def test_a_half_written_artifact_is_passed_over(models_dir: Path) -> None:
    folder = next(models_dir.glob("*/*/manifest.json")).parent
    folder.rename(folder.with_name(".making-x"))
    register()
    assert not ModelVersion.objects.exists()


def test_a_refused_artifact_does_not_keep_the_others_out(models_dir: Path, tiny_folder: Path) -> None:
    broken = models_dir / "broken" / tiny_folder.name
    shutil.copytree(tiny_folder, broken)  # its manifest names another model than the folder does
    with pytest.raises(CommandError, match="name and version differ"):
        register("--default", "tiny")
    assert ModelVersion.objects.get().name == "tiny"
    assert ModelVersion.objects.get().is_default


def test_of_several_models_none_becomes_the_default_by_itself(models_dir: Path, tiny_folder: Path) -> None:
    other = models_dir / "other" / tiny_folder.name
    shutil.copytree(tiny_folder, other)
    manifest = json.loads((other / "manifest.json").read_text()) | {"name": "other"}
    (other / "manifest.json").write_text(json.dumps(manifest))
    assert "choose one with --default. There are: other, tiny." in register()
    assert not ModelVersion.objects.filter(is_default=True).exists()


@pytest.mark.parametrize("graph", ["prepare", "click"])
def test_registering_again_mends_a_lost_graph_and_takes_a_new_export(
    models_dir: Path, files: Path, graph: str
) -> None:
    register()
    before = ModelVersion.objects.get()
    key = getattr(before, f"{graph}_key")
    (files / key).unlink()
    register()
    assert (files / key).is_file()
    exported = next(models_dir.glob(f"*/*/{graph}.onnx"))
    exported.write_bytes(exported.read_bytes() + b"exported anew")
    path = exported.with_name("manifest.json")
    manifest = json.loads(path.read_text())
    manifest["graphs"][graph]["sha256"] = hashlib.sha256(exported.read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))
    register()
    after = ModelVersion.objects.get()
    assert after.pk == before.pk
    assert getattr(after, f"{graph}_sha256") == manifest["graphs"][graph]["sha256"]
    assert (files / getattr(after, f"{graph}_key")).read_bytes() == exported.read_bytes()
