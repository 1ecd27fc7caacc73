"""The units run what the code documents, with what it reads, and with as little else as they need."""

import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from backend.config import commands
from tests.contract.deployment import DECLARED, DEPLOY, SECRETS, variables_of

FOLDER = DEPLOY / "systemd"
BIN = "/opt/anymask/.venv/bin/"
DATA = "/var/lib/anymask"
COMMANDS = {
    "anymask-prepare.service": commands.PREPARE,
    "anymask-web.service": commands.web("127.0.0.1:8000"),
    "anymask-worker@.service": commands.worker(),
    "anymask-clock.service": commands.clock(f"{DATA}/beat-schedule"),
}


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / name)
    return parser


def test_there_is_a_unit_for_each_process() -> None:
    assert {path.name for path in FOLDER.glob("*.service")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_unit_runs_the_documented_command_as_nobody_special(name: str) -> None:
    service = unit(name)["Service"]
    assert service["ExecStart"].startswith(BIN)
    assert shlex.split(service["ExecStart"].removeprefix(BIN)) == COMMANDS[name]
    assert (service["User"], service["WorkingDirectory"]) == ("anymask", "/opt/anymask")
    assert service["EnvironmentFile"] == "/etc/anymask/anymask.env"
    assert f"/var/lib/{service['StateDirectory']}" == DATA
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")
    assert service["CapabilityBoundingSet"] == ""
    # A worker's GPU is a device.
    assert ("PrivateDevices" in service) == (name != "anymask-worker@.service")
    if name != "anymask-prepare.service":
        assert unit(name)["Unit"]["Requires"] == "anymask-prepare.service"


def test_its_environment_is_one_that_is_read() -> None:
    given = variables_of(FOLDER / "anymask.env.example")
    assert set(given) <= set(DECLARED)
    assert given["DATA_DIR"] == DATA
    assert given["DJANGO_SETTINGS_MODULE"].endswith(".production")
    # Addresses of this machine's own Redis hold no password.
    assert {name for name in SECRETS & set(given) if given[name]} == {"CELERY_BROKER_URL", "CACHE_URL"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.service"):
        # Programs and folders must be there for it.
        text = path.read_text().replace(BIN, f"{Path(sys.executable).parent}/")
        text = text.replace("Documentation=file:///opt/anymask/docs/deployment.md\n", "")
        (tmp_path / path.name.replace("@", "@1")).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    ours = [line for line in result.stderr.splitlines() if "anymask" in line]
    assert ours == []
