"""The import rules, and that neither the web nor a starting worker loads torch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.launch.layout import ROOT

LINTER = Path(sys.executable).parent / "lint-imports"


def test_imports_go_one_way():
    result = subprocess.run([LINTER], cwd=ROOT, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("module", ["backend.config.wsgi", "workers.main"])
def test_starting_does_not_load_torch(module, tmp_path):
    code = f"import sys, {module}; print([m for m in ('torch', 'onnxruntime') if m in sys.modules])"
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
    }
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, text=True, capture_output=True, check=False
    )
    assert result.stdout.strip() == "[]", result.stderr
