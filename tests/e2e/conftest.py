"""The whole product as a user starts it (`make run`), and a real Chromium in front of it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from backend.launch.browser import CHROMIUM_FLAGS, find_browser
from backend.launch.layout import ROOT
from tests.e2e.annotator import without_decoder
from tests.e2e.people import make_member, make_person

START_SECONDS = 300
# Patience with a busy machine; what must happen within a time says so where it is expected.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class RunningSystem:
    """A `make run` in its own data folder."""

    url: str
    data_dir: Path
    process: subprocess.Popen[str]

    def child_pids(self, needle: str) -> list[int]:
        """Processes of this run's group whose command line contains `needle`."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            except (OSError, ValueError):
                continue
            if group == self.process.pid and needle in command:
                found.append(int(folder.name))
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_system(data_dir: Path, port: int | None = None) -> RunningSystem:
    """`make run` on this port, or a free one; returns once it printed that it is ready."""
    port = port or free_port()
    knobs = (
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "STORAGE_URL",
        "MODELS_DIR",
        "DJANGO_SETTINGS_MODULE",
        "BIND",
    )
    environment = {name: value for name, value in os.environ.items() if name not in knobs}
    # Webhooks reach a receiver on this machine.
    environment |= {"WEBHOOK_ALLOWED_HOSTS": "127.0.0.1", "WEBHOOK_ALLOW_HTTP": "true"}
    output = data_dir.parent / f"{data_dir.name}.out"
    process = subprocess.Popen(
        ["make", "run", f"PORT={port}", f"DATA_DIR={data_dir}"],
        cwd=ROOT,
        env=environment,
        stdout=output.open("w"),
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while "Anymask is ready" not in output.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            pytest.fail(f"make run did not become ready:\n{output.read_text()}")
        time.sleep(0.2)
    return RunningSystem(f"http://localhost:{port}", data_dir, process)


def stop(process: subprocess.Popen[str]) -> int:
    """Ctrl-C: the signal goes to the whole foreground group, as a terminal sends it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    return process.wait(60)


@pytest.fixture(scope="session")
def anymask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    system = start_system(tmp_path_factory.mktemp("anymask") / "data")
    yield system
    stop(system.process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium; `make test` installs one or says how"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, anymask: RunningSystem) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=anymask.url, viewport={"width": 1440, "height": 900}, accept_downloads=True
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test when the application throws or logs an error."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    yield page
    assert not problems, problems


@pytest.fixture
def colleague(browser: Browser, anymask: RunningSystem) -> Iterator[Page]:
    """Another person's browser: bob, a reviewer of the demo project, who may help with everybody's images."""
    make_person(anymask, "bob", "bob-secret-1")
    make_member(anymask, 1, "bob", "reviewer")
    context = browser.new_context(base_url=anymask.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    without_decoder(context)
    page = context.new_page()
    yield page
    context.close()
