"""Running one set-up step (quiet when it works), and stamps against doing it twice."""

import hashlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from backend.launch.failure import LaunchError


def say(message: str) -> None:
    """One line to the person watching, at once."""
    print(message, flush=True)


def run_step(
    title: str,
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    quiet: bool = True,
) -> None:
    """Runs a command; a failing one prints its last 40 lines and raises LaunchError."""
    arguments = [str(part) for part in command]
    started = time.monotonic()
    if quiet:
        sys.stdout.write(f"  {title} ... ")
        sys.stdout.flush()
        result = subprocess.run(arguments, cwd=cwd, env=env, text=True, capture_output=True, check=False)
    else:
        say(f"== {title}")
        result = subprocess.run(arguments, cwd=cwd, env=env, text=True, check=False)
    seconds = time.monotonic() - started
    if result.returncode:
        if quiet:
            say("failed")
            output = (result.stdout or "") + (result.stderr or "")
            if "No space left on device" in output:
                raise LaunchError(f"the disk is full ({title}); free some space and start again.")
            say("\n".join(output.splitlines()[-40:]))
        raise LaunchError(f"{title} failed with exit code {result.returncode}: {shlex.join(arguments)}")
    say(f"{seconds:.1f} s" if quiet else f"== {title}: {seconds:.1f} s")


def fingerprint(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents of the files, folders taken whole, in a stable order."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(str(file.relative_to(path.parent)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Whether the step that owns this stamp already ran for exactly these inputs."""
    return stamp.is_file() and stamp.read_text() == value


def write_stamp(stamp: Path, value: str) -> None:
    """Remembers that the step ran; written last, so an interrupted step runs again."""
    stamp.write_text(value)
