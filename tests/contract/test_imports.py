"""Imports go one way, and nobody pays for torch who does not compute with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["torch", "onnxruntime", "onnx", "skimage", "scipy"]


def run(command: list[str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
    }
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_import_contracts_hold(tmp_path: Path) -> None:
    result = run([str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("entry", ["backend.config.wsgi", "workers.main"])
def test_starting_a_process_loads_nothing_heavy(entry: str, tmp_path: Path) -> None:
    """The web with all its urls, the worker with all its tasks."""
    code = f"""
import sys, {entry}
from django.urls import get_resolver
if {entry!r}.startswith("backend"):
    get_resolver().url_patterns
print([name for name in {HEAVY} if name in sys.modules])
"""
    result = run([sys.executable, "-c", code], tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().splitlines()[-1] == "[]"
