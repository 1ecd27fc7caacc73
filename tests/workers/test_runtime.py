import shutil
from pathlib import Path

import numpy as np
import pytest

from workers.runtime import Computing, Runtime


def test_the_least_recently_used_model_leaves(tmp_path: Path, tiny_folder: Path) -> None:
    folder = tmp_path / "models"
    for version in ("a", "b", "c"):
        shutil.copytree(tiny_folder, folder / "tiny" / version)
    models = Runtime(folder, Computing(), capacity=2)
    for version in ("a", "b", "a", "c"):
        models.prepare("tiny", version)
    assert models.loaded == [("tiny", "a"), ("tiny", "c")]


def test_a_model_makes_room_where_memory_is_short(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    for version in ("a", "b", "c"):
        shutil.copytree(tiny_folder, folder / "tiny" / version)
    models = Runtime(folder, Computing(), capacity=3)
    models.prepare("tiny", "a")
    models.prepare("tiny", "b")
    monkeypatch.setattr("models.sam.memory.free_memory", lambda device: 0)
    models.prepare("tiny", "c")
    assert models.loaded == [("tiny", "c")]


def test_a_model_that_cannot_be_compiled_computes_as_it_is(
    tiny_artifacts: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(module: object, mode: str) -> object:
        raise RuntimeError(f"no compiler for {mode}")

    monkeypatch.setattr("torch.compile", refuse)
    (manifest,) = tiny_artifacts.glob("tiny/*/manifest.json")
    models = Runtime(tiny_artifacts, Computing(compile_mode="default"), 1)
    (embedding,) = models.embed("tiny", manifest.parent.name, [np.zeros((30, 40, 3), np.uint8)])
    assert np.isfinite(embedding).all()
    assert "no compiler for default" in caplog.text


def test_a_compiled_model_answers_the_same(tiny_artifacts: Path) -> None:
    (manifest,) = tiny_artifacts.glob("tiny/*/manifest.json")
    picture = np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)
    plain, compiled = (
        Runtime(tiny_artifacts, Computing(compile_mode=mode), 1).embed(
            "tiny", manifest.parent.name, [picture]
        )
        for mode in ("off", "default")
    )
    assert np.abs(plain[0] - compiled[0]).max() < 5e-3
