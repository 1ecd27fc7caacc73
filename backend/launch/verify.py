"""`make check` and `make test`: every layer, in the order in which a mistake shows soonest."""

import os
from collections.abc import Sequence
from pathlib import Path

from backend.launch.browser import ensure_browser
from backend.launch.layout import FRONTEND, ROOT, venv_program
from backend.launch.node_env import ensure_front_end_build, ensure_front_end_packages, ensure_node
from backend.launch.python_env import ensure_python_env
from backend.launch.steps import run_step

# What runs at people's, and what runs here only.
SHIPPED_ROOMS = ("backend", "workers", "models", "client/anymask", "manage.py")
PYTHON_ROOMS = ("backend", "workers", "models", "client", "tests", "manage.py")


def check() -> None:
    """Formatting, lint, dangerous calls, types and import rules of both languages. Raises LaunchError at the first that
    fails."""
    ensure_python_env("test")
    show("ruff", [venv_program("ruff"), "check", *PYTHON_ROOMS])
    show("ruff format", [venv_program("ruff"), "format", "--check", *PYTHON_ROOMS])
    show(
        "bandit", [venv_program("bandit"), "--quiet", "--configfile", "pyproject.toml", "-r", *SHIPPED_ROOMS]
    )
    show("import rules", [venv_program("lint-imports")])
    show("mypy", [venv_program("mypy")])
    node = ensure_node()
    ensure_front_end_packages(node)
    run_step(
        "front end: types, lint, format",
        [*node.npm, "run", "check"],
        cwd=FRONTEND,
        env=node.environment,
        quiet=False,
    )


def test() -> None:
    """`check`, then pytest, vitest and the end-to-end tests in a real browser."""
    check()
    node = ensure_node()
    run_step("vitest", [*node.npm, "run", "test"], cwd=FRONTEND, env=node.environment, quiet=False)
    ensure_front_end_build()
    browser = ensure_browser()
    # A process for each core: more threads than that in each of them would wait for one another.
    pytest("not slow and not gpu and not e2e", ["--numprocesses", "auto"], {"OMP_NUM_THREADS": "1"})
    if browser:
        # Two systems, each with its browser and the tests of a file at a time: a person at a page mostly waits.
        pytest("e2e", ["--numprocesses", "2", "--dist", "loadfile"], {"CHROMIUM": browser})


def pytest(marker: str, options: Sequence[str], extra_environment: dict[str, str] | None = None) -> None:
    """Runs the tests with this marker expression; raises LaunchError when one fails."""
    command: list[str | Path] = [
        venv_program("python"),
        "-m",
        "pytest",
        "-q",
        "--durations=10",
        *options,
        "-m",
        marker,
    ]
    show(f"pytest -m '{marker}'", command, {**os.environ, **(extra_environment or {})})


def show(title: str, command: Sequence[str | Path], env: dict[str, str] | None = None) -> None:
    """A step whose output is the point."""
    run_step(title, command, cwd=ROOT, env=env, quiet=False)
