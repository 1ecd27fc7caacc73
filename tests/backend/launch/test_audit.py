"""What `make audit` makes of pip-audit's report."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from backend.launch import audit
from backend.launch.failure import LaunchError

CLEAN: dict[str, Any] = {"name": "django", "version": "5.2", "vulns": []}
HOLED = {"name": "pillow", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}


def says(monkeypatch: pytest.MonkeyPatch, folder: Path, output: str) -> None:
    """A pip-audit that prints this."""
    (folder / "report").write_text(output)
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat {folder / 'report'}\necho no route >&2\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(audit, "venv_program", lambda name: program)


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_nothing_known_is_good_news_and_what_nobody_could_tell_of_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, tmp_path, report(CLEAN, UNKNOWN))
    audit.audit_python()
    assert "1 of 2 packages nobody could tell of: torch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (report(CLEAN, HOLED), "1 known"),
        (report(UNKNOWN), "no Python package"),
        (report(), "no Python package"),
        ("", "no route"),
        ("{}", "no route"),
        ("[]", "no route"),
    ],
)
def test_a_vulnerability_and_silence_are_failures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: str, sentence: str
) -> None:
    says(monkeypatch, tmp_path, output)
    with pytest.raises(LaunchError, match=sentence):
        audit.audit_python()


def test_a_vulnerability_says_where_it_is_mended() -> None:
    assert audit.report_read(report(HOLED)).found == ("pillow 1.0: PYSEC-1, mended in 1.1",)
