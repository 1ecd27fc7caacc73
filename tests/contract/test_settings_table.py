"""docs/configuration.md lists what is read, and nothing is read that it does not list."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from backend.config import env
from backend.config.variables import ReadBy
from backend.launch.layout import ROOT

# Names the settings module where nobody did; reads nothing.
SET_A_DEFAULT = {"manage.py", "backend/config/celery.py", "backend/config/wsgi.py"}
DECLARED = env.setting.declared


def sources(*rooms: str) -> Iterator[tuple[str, str]]:
    """(path, text) of the rooms' Python files."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def settings_used(*rooms: str) -> set[str]:
    """Names of the settings that code of these rooms asks for."""
    found: set[str] = set()
    for path, text in sources(*rooms):
        if not path.startswith("backend/config/"):
            found |= set(re.findall(r"\bsettings\.([A-Z_]+)\b", text))
    return found


def test_the_document_shows_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("settings_table")
    shown = (ROOT / "docs" / "configuration.md").read_text().partition("<!-- settings_table -->\n")[2]
    assert shown.partition("<!-- /settings_table -->")[0] == capsys.readouterr().out


def test_only_one_file_reads_the_environment() -> None:
    # `make run` works before anything is installed, and only hands on what it finds.
    readers = {
        path
        for path, text in [
            *sources("backend", "workers", "models"),
            ("manage.py", (ROOT / "manage.py").read_text()),
        ]
        if re.search(r"\bos\.environ\b|\bgetenv\b|\benviron\.Env\b|knobs\.env\.(?!\w+_url_config)", text)
        and not path.startswith("backend/launch/")
    }
    assert readers == {"backend/config/env.py", *SET_A_DEFAULT}


def test_every_declaration_stands_under_its_own_name() -> None:
    tree = ast.parse((ROOT / "backend" / "config" / "env.py").read_text())
    named = {
        node.targets[0].id: ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for name in DECLARED:
        assert re.match(rf"setting\.\w+\('{name}',", named[name]), named[name]


def test_every_sentence_is_one_and_fits_a_table() -> None:
    for one in DECLARED.values():
        assert re.fullmatch(r"[^|\n]{8,120}\.", one.sentence), one


def test_secrets_are_told_from_what_may_be_shown() -> None:
    by_name = {
        name for name in DECLARED if re.search(r"SECRET|PASSWORD|DATABASE_URL|BROKER_URL|EMAIL_URL", name)
    }
    assert {name for name in by_name if not DECLARED[name].is_secret} == set()


def test_what_only_workers_ask_for_is_read_by_them() -> None:
    by_workers, by_the_web = settings_used("workers"), settings_used("backend")
    for name, one in DECLARED.items():
        if name in by_workers - by_the_web:
            assert one.read_by in (ReadBy.WORKER, ReadBy.BOTH), name
        if name in by_workers:
            assert one.read_by is not ReadBy.WEB, name


def test_make_run_has_the_defaults_of_the_table(tmp_path: Path) -> None:
    code = """
from backend.launch.layout import RunOptions
from backend.config import env
options = RunOptions.from_environment()
found = options.port, options.host, options.data_dir, options.models_dir
assert found == (env.PORT, env.BIND, env.DATA_DIR, env.MODELS_DIR), found
"""
    for knobs in ({}, {"PORT": "9000", "BIND": "0.0.0.0", "DATA_DIR": str(tmp_path)}):
        environment = {"PATH": os.environ["PATH"]} | knobs
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
    assert {name for name, one in DECLARED.items() if one.read_by is ReadBy.LAUNCH} == {"PORT", "BIND"}
