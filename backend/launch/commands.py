"""The commands behind the Makefile's targets."""

import os
import sys
from pathlib import Path

from backend.launch.audit import audit
from backend.launch.browser import ensure_browser
from backend.launch.failure import LaunchError
from backend.launch.layout import FRONTEND, ROOT, venv_program
from backend.launch.node_env import ensure_front_end_packages, ensure_node
from backend.launch.python_env import ensure_python_env
from backend.launch.serve import prepare, serve
from backend.launch.steps import run_step, say
from backend.launch.verify import check, pytest, test


def main(arguments: list[str]) -> int:
    """Runs one command; a LaunchError becomes one line on stderr and exit code 1."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python3 -m backend.launch {{{','.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[arguments[0]]() or 0
    except LaunchError as error:
        print(f"anymask: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def setup() -> None:
    """Everything `make test` needs, without running it."""
    ensure_python_env("test")
    ensure_front_end_packages(ensure_node())


def slow() -> None:
    """The tests that take minutes: full-size golden models, and thousands of requests made up from the API's schema."""
    ensure_python_env("test")
    pytest("slow", [])
    examples = {"SCHEMATHESIS_EXAMPLES": os.environ.get("SCHEMATHESIS_EXAMPLES", "20")}
    pytest("not slow", ["tests/backend/api/test_schemathesis.py", "--numprocesses", "auto"], examples)


def drills() -> None:
    """What goes wrong on servers, made to go wrong; `ONLY` names some of them and `JSON` where to write the counts."""
    ensure_python_env("test")
    command: list[str | Path] = [venv_program("python"), "-m", "tests.drills"]
    for variable in ("ONLY", "JSON"):
        if values := os.environ.get(variable, "").split():
            command += [f"--{variable.lower()}", *values]
    run_step("drills", command, cwd=ROOT, quiet=False)


def schema() -> None:
    """Writes schema.yml from the code, and from it what clients rely on and the types of the front end and the client."""
    setup()
    spectacular: list[str | Path] = [
        venv_program("python"),
        "manage.py",
        "spectacular",
        "--file",
        "schema.yml",
        "--validate",
        "--fail-on-warn",
    ]
    run_step("schema.yml", spectacular, cwd=ROOT)
    run_step("what clients rely on", [venv_program("python"), "-m", "tests.contract.api_baseline"], cwd=ROOT)
    node = ensure_node()
    run_step("frontend/src/api/schema.d.ts", [*node.npm, "run", "types"], cwd=FRONTEND, env=node.environment)
    codegen: list[str | Path] = [venv_program("datamodel-codegen")]
    run_step("client/anymask/types.py", codegen, cwd=ROOT)
    say("Commit what changed.")


def bench_browser() -> None:
    """The decoder timed in a browser; `ROUNDS` and `JSON` say how often and where to write the figures."""
    setup()
    browser = ensure_browser()
    if not browser:
        raise LaunchError("the bench needs a browser.")
    command: list[str | Path] = [venv_program("python"), "-m", "tests.bench.browser"]
    for variable in ("ROUNDS", "JSON"):
        if value := os.environ.get(variable):
            command += [f"--{variable.lower()}", value]
    environment = {**os.environ, "CHROMIUM": browser}
    run_step("bench", command, cwd=ROOT, env=environment, quiet=False)


COMMANDS = {
    "run": serve,
    "prepare": prepare,
    "check": check,
    "audit": audit,
    "test": test,
    "test-slow": slow,
    "drills": drills,
    "setup": setup,
    "schema": schema,
    "bench-browser": bench_browser,
}
