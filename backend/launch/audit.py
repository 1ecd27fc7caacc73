"""`make audit`: whether anything that is installed has a vulnerability that is known today. Needs the network."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from backend.launch.failure import LaunchError
from backend.launch.layout import FRONTEND, ROOT, venv_program
from backend.launch.node_env import ensure_front_end_packages, ensure_node
from backend.launch.python_env import ensure_python_env
from backend.launch.steps import run_step, say


@dataclass(frozen=True)
class Report:
    """What pip-audit found: how many packages it asked about, which of them nobody could tell of, and a line for each
    vulnerability."""

    asked: int
    unknown: tuple[str, ...]
    found: tuple[str, ...]


def audit() -> None:
    """Asks PyPI and npm about every installed package. Raises LaunchError where one of them has a known vulnerability,
    and where nobody could be asked: silence is no good news."""
    ensure_python_env("test")
    node = ensure_node()
    ensure_front_end_packages(node)
    failures = []
    for ask in (audit_python, lambda: audit_front_end(node.npm, node.environment)):
        try:
            ask()
        except LaunchError as error:
            failures.append(str(error))
    if failures:
        raise LaunchError("; ".join(failures))


def audit_python() -> None:
    """Raises LaunchError as `audit` does, of the packages in .venv."""
    say("== pip-audit")
    command = [venv_program("pip-audit"), "--local", "--skip-editable", "--progress-spinner", "off"]
    result = subprocess.run(
        [*map(str, command), "--format", "json"], cwd=ROOT, text=True, capture_output=True, check=False
    )
    try:
        report = report_read(result.stdout)
    except ValueError as error:
        last = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise LaunchError(f"pip-audit did not work: {last}") from error
    say("\n".join(report.found) or "nothing found")
    if report.unknown:
        say(
            f"{len(report.unknown)} of {report.asked} packages nobody could tell of: {', '.join(report.unknown)}"
        )
    if report.found:
        raise LaunchError(f"{len(report.found)} known vulnerabilities in Python packages")
    if len(report.unknown) == report.asked:
        raise LaunchError("PyPI could be asked about no Python package")


def audit_front_end(npm: list[str], environment: dict[str, str]) -> None:
    """Raises LaunchError as `audit` does, of frontend/node_modules."""
    run_step("npm audit", [*npm, "audit"], cwd=FRONTEND, env=environment, quiet=False)


def _told(package: dict[str, Any], hole: dict[str, Any]) -> str:
    mended = ", ".join(hole["fix_versions"]) or "none yet"
    return f"{package['name']} {package['version']}: {hole['id']}, mended in {mended}"


def report_read(text: str) -> Report:
    """Of what `pip-audit --format json` prints. Raises ValueError for what is no report."""
    try:
        packages = json.loads(text)["dependencies"]
        return Report(
            asked=len(packages),
            unknown=tuple(entry["name"] for entry in packages if "skip_reason" in entry),
            found=tuple(_told(entry, hole) for entry in packages for hole in entry.get("vulns", ())),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("no report") from error
