"""Imports go one way, and nobody pays for torch who does not compute with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.launch.layout import ROOT

LINTER = Path(sys.executable).parent / "lint-imports"
HEAVY = ["torch", "onnxruntime", "onnx", "skimage", "scipy", "pyarrow", "tokenizers"]


def test_imports_go_one_way() -> None:
    result = subprocess.run([LINTER], cwd=ROOT, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout


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
    environment = os.environ | {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
    }
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, text=True, capture_output=True, check=False
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
