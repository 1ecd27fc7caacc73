import os
import time
from pathlib import Path

import pytest

from backend.launch import layout, python_env
from backend.launch.layout import RunOptions
from backend.launch.serve import export_arguments, remove_old_uploads


def test_what_was_received_of_an_upload_goes_after_a_day(tmp_path: Path) -> None:
    options = RunOptions(8000, "127.0.0.1", tmp_path, tmp_path / "models")
    remove_old_uploads(options)  # before anything was ever uploaded
    (tmp_path / "tmp").mkdir()
    for name, hours in (("old.upload", 25), ("young.upload", 23)):
        (tmp_path / "tmp" / name).write_bytes(b"x")
        then = time.time() - hours * 3600
        os.utime(tmp_path / "tmp" / name, (then, then))
    remove_old_uploads(options)
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["young.upload"]


def test_the_default_model_reads_words_where_its_prompts_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "ROOT", tmp_path)
    options = RunOptions(8000, "127.0.0.1", tmp_path, tmp_path / "models")
    assert "--text" not in export_arguments(options)
    assert python_env.files_only("run") == []
    before = python_env.stamp_value("run")
    weights = tmp_path / "models" / "weights" / "anymask_s.text.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"x")
    arguments = export_arguments(options)
    assert arguments[arguments.index("--text") + 1] == weights
    # The encoder of words is installed then, once.
    assert [path.name for path in python_env.files_only("run")] == ["files_only.txt"]
    assert python_env.stamp_value("run") != before
