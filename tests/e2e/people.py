"""Further people of a running system, made as an administrator makes them."""

import os
import subprocess

from backend.launch.layout import ROOT, venv_program
from tests.e2e.conftest import RunningSystem


def make_person(system: RunningSystem, name: str, password: str) -> None:
    """Somebody who can log in and is a member of nothing; does nothing where there is one of this name."""
    environment = os.environ | {
        "DATA_DIR": str(system.data_dir),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
    }
    subprocess.run(
        [str(venv_program("python")), "manage.py", "user_create", name],
        input=f"{password}\n",
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
