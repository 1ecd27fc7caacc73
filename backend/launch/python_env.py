"""The virtual environment: made once, refreshed when the pins change."""

import shutil
import sys
from pathlib import Path

from backend.launch.failure import LaunchError, plain_disk_errors
from backend.launch.layout import ROOT, VENV, venv_program
from backend.launch.steps import fingerprint, is_stamped, run_step, write_stamp

# torch and the rest unpack to about 1.5 GB; a disk that cannot hold them fails here, not half-way through pip
NEEDED_BYTES = 3 * 1024**3

REQUIREMENTS = {
    "run": [ROOT / "requirements" / "worker.txt"],
    "test": [ROOT / "requirements.txt"],
}
# Packages of which only the files are used: what they ask for is not wanted.
FILES_ONLY: dict[str, list[Path]] = {"run": [], "test": [ROOT / "requirements" / "files_only.txt"]}


def ensure_python_env(purpose: str) -> None:
    """Installs what `purpose` ("run" or "test") needs into .venv; does nothing when it is there already.

    Raises LaunchError on a full disk or a failing installation.
    """
    value = fingerprint([ROOT / "requirements", ROOT / "requirements.txt"])
    stamps = [
        VENV / f".anymask-{name}" for name in ("test", purpose)
    ]  # what test installs contains what run needs
    if any(is_stamped(stamp, value) for stamp in stamps):
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
        for path in FILES_ONLY[purpose]:
            run_step(f"packages of {path.name}", [*pip, "--no-deps", "-r", str(path)], cwd=ROOT)
        write_stamp(VENV / f".anymask-{purpose}", value)
