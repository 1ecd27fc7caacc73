"""Further people of a running system, made as an administrator makes them."""

import os
import subprocess
from typing import TYPE_CHECKING

from backend.launch.layout import ROOT, venv_program

if TYPE_CHECKING:
    from tests.e2e.conftest import RunningSystem


def make_person(system: "RunningSystem", name: str, password: str) -> None:
    """Somebody who can log in and is a member of nothing; does nothing where there is one of this name."""
    _manage(system, "user_create", name, typed=f"{password}\n", must_work=False)


def make_member(system: "RunningSystem", project: int, name: str, role: str) -> None:
    """The person becomes a member of the project, or gets another role there."""
    _manage(system, "member_set", str(project), name, "--role", role)


def _manage(system: "RunningSystem", *arguments: str, typed: str = "", must_work: bool = True) -> None:
    environment = os.environ | {
        "DATA_DIR": str(system.data_dir),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
    }
    command = [str(venv_program("python")), "manage.py", *arguments]
    subprocess.run(command, input=typed, text=True, cwd=ROOT, env=environment, check=must_work)
