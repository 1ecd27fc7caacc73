"""`make run` refuses what it cannot serve from with one clear line and exit code 1."""

import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from backend.launch.failure import LaunchError
from backend.launch.layout import ROOT, RunOptions
from backend.launch.serve import check_data_dir, hold_lock


def launch_run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.launch", "run"],
        cwd=ROOT,
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


def the_only_line(text: str) -> str:
    lines = text.splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_a_busy_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = launch_run(PORT=str(port), DATA_DIR=str(tmp_path / "data"))
    assert result.returncode == 1
    line = the_only_line(result.stderr)
    assert f"port {port} is busy" in line
    assert "make run PORT=" in line
    assert not (tmp_path / "data").exists()


def test_a_port_that_is_no_number_is_refused() -> None:
    result = launch_run(PORT="eighty")
    assert result.returncode == 1
    assert "PORT=eighty is no port number" in the_only_line(result.stderr)


def test_an_old_python_is_refused_before_newer_syntax_is_parsed() -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_module('backend.launch')"
    result = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed, this is 3.9.2" in the_only_line(result.stderr)


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    options = RunOptions(8000, "127.0.0.1", tmp_path / "file" / "data", tmp_path)
    with pytest.raises(LaunchError, match="cannot be written to"):
        check_data_dir(options)


def test_a_full_disk_is_refused_with_both_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(2**30, 2**30, 3 * 2**20))
    options = RunOptions(8000, "127.0.0.1", tmp_path / "data", tmp_path / "data" / "models")
    with pytest.raises(LaunchError, match="is full: 3 MB free, 256 MB needed"):
        check_data_dir(options)


def test_two_runs_never_share_a_data_folder(tmp_path: Path) -> None:
    options = RunOptions(8000, "127.0.0.1", tmp_path, tmp_path / "models")
    first = hold_lock(options)
    with pytest.raises(LaunchError, match="another `make run` already uses"):
        hold_lock(options)
    first.close()
    hold_lock(options).close()
