"""The processes of a server as images and units start them: production settings, PostgreSQL, Redis, SIGTERM."""

import secrets
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from backend.config import commands
from backend.launch.layout import ROOT
from tests.workers.processes import BIN, System
from tests.workers.servers import BROKERS, needs

pytestmark = pytest.mark.services

HOST = "label.example.org"


def exit_code(system: System, command: list[str]) -> int:
    """What a supervisor sees of one of the documented commands."""
    program = [str(BIN / command[0]), *command[1:]]
    return subprocess.run(
        program, cwd=ROOT, env=system.environment, capture_output=True, check=False
    ).returncode


def living(group: int) -> list[int]:
    """Processes of this group. One that ended and that nobody has buried yet is none."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(int(stat.parent.name))
    return found


def test_a_server_starts_answers_and_ends_when_it_is_told(
    database_url: str, tmp_path: Path, tiny_artifacts: Path
) -> None:
    port, redis = BROKERS["redis"]
    needs(port, "redis")
    system = System(
        tmp_path,
        tiny_artifacts,
        DATABASE_URL=database_url,
        CELERY_BROKER_URL=redis,
        CACHE_URL=redis,
        DJANGO_SETTINGS_MODULE="backend.config.settings.production",
        SECRET_KEY=secrets.token_urlsafe(48),
        ALLOWED_HOSTS=HOST,
    )
    system.environment["PORT"] = str(system.port)
    try:
        assert exit_code(system, commands.PREPARED) == 1
        system.manage("migrate", "--no-input")
        assert exit_code(system, commands.PREPARED) == 0
        for name in ("web", "worker with clock"):
            system.start(name)
        system.wait(lambda: exit_code(system, commands.WEB_HEALTH) == 0, "the web server is healthy", 300)
        # By its own address it is nobody's server, and by plain HTTP it answers no more than that it lives.
        assert requests.get(f"{system.address}/healthz", timeout=10).status_code == 400
        page = requests.get(
            f"{system.address}/login", headers={"Host": HOST}, allow_redirects=False, timeout=10
        )
        assert (page.status_code, page.headers["Location"]) == (301, f"https://{HOST}/login")
        system.wait(lambda: exit_code(system, commands.WORKER_HEALTH) == 0, "the worker is healthy", 300)

        for name, process in system.running.items():
            process.terminate()
            assert process.wait(40) == 0, f"{name}\n{system.log()}"
            until = time.monotonic() + 30
            while left := living(process.pid):
                assert time.monotonic() < until, f"{name} left {left} behind"
                time.sleep(0.2)
        assert system.ended == []
        assert "Traceback" not in system.log()
        assert exit_code(system, commands.WORKER_HEALTH) == 1
    finally:
        system.stop()
