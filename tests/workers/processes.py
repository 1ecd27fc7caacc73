"""Real processes for fault drills: gunicorn, a Celery worker and the clock, with a data folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import requests

from anymask import Client, Source, token_create
from anymask.types import EmbeddingCounts, Image, Project
from backend.config import commands
from backend.launch.layout import ROOT

BIN = Path(sys.executable).parent
KNOBS = ("DATABASE_URL", "CELERY_BROKER_URL", "STORAGE_URL", "DEVICE", "DJANGO_SETTINGS_MODULE", "DATA_DIR")


class System:
    """One installation on this machine; `start` and `kill` are what an operator or a crash does."""

    def __init__(self, data_dir: Path, models_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {name: value for name, value in os.environ.items() if name not in KNOBS} | {
            "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
            "DATA_DIR": str(data_dir),
            "MODELS_DIR": str(models_dir),
            "SWEEP_SECONDS": "1",
            "EMBEDDING_LEASE_SECONDS": "3",
            "EMBEDDING_BATCH_SIZE": "2",
            "JOB_LEASE_SECONDS": "3",
            "WORKER_BEAT_SECONDS": "1",
            "OMP_NUM_THREADS": "1",
            **environment,
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        # what ended without being killed, and was started again
        self.ended: list[str] = []
        self.session = requests.Session()
        self.token = ""

    def manage(self, *arguments: str) -> str:
        """What the command prints."""
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def prepare(self) -> None:
        self.manage("migrate", "--no-input")
        self.manage("register_models", "--default", "tiny")
        self.manage("demo_create")

    def start(self, name: str) -> None:
        """A number after it, as in `worker 2`, tells one of several apart."""
        command = {
            "web": commands.web(f"127.0.0.1:{self.port}"),
            "worker": commands.worker(),
            "worker with clock": commands.worker(clock=str(self.data_dir / "beat")),
            "clock": commands.clock(str(self.data_dir / "beat")),
        }[name.rstrip(" 0123456789")]
        log = (self.data_dir / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def keep_alive(self) -> None:
        """What a supervisor does: starts again whatever ended by itself."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.ended.append(name)
                self.start(name)

    def kill(self, name: str) -> None:
        """kill -9, with no chance to clean up."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        self.running.clear()

    def log(self) -> str:
        return "\n".join(
            f"== {file.name}\n{file.read_text(errors='replace')[-3000:]}"
            for file in sorted(self.data_dir.glob("*.log"))
        )

    def begin(self) -> None:
        """Web, worker and clock run, and the demo's owner is logged in."""
        for name in ("web", "worker", "clock"):
            self.start(name)
        self.login()

    def login(self) -> None:
        self.wait(lambda: self.is_up(), "the web server answers")
        self.token = token_create(self.address, "demo", "demo")
        self.session.headers["Authorization"] = f"Token {self.token}"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def client(self) -> Client:
        """The demo user's, once they logged in. `session` is for what the client hides: headers, ranges, refusals."""
        return Client(self.address, self.token)

    def url(self, path: str) -> str:
        return f"{self.address}/api/v1/{path}"

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.address}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def project(self) -> Project:
        """The demo project."""
        return next(self.client.projects())

    def counts(self) -> EmbeddingCounts:
        return self.project()["embedding_counts"]

    def upload(self, **files: bytes) -> list[Image]:
        """The images that were made of these files, which the demo project must not have yet."""
        with tempfile.TemporaryDirectory() as folder:
            sources = [Source(Path(folder) / name, name) for name in files]
            for source in sources:
                source.path.write_bytes(files[source.name])
            report = self.client.upload(self.project()["id"], sources)
        assert len(report.created) == len(files), report
        return report.created

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"never happened: {what}\n{self.log()}"
            self.keep_alive()
            time.sleep(0.1)

    def wait_all_ready(self) -> None:
        total = self.project()["image_count"]
        self.wait(lambda: self.counts()["ready"] == total, f"all {total} embeddings ready")


@contextmanager
def running_system(data_dir: Path, models_dir: Path, **environment: str) -> Iterator[System]:
    """A prepared system with web server, worker and clock running, and a token for the demo user."""
    data_dir.mkdir(parents=True, exist_ok=True)
    system = System(data_dir, models_dir, **environment)
    system.prepare()
    try:
        system.begin()
        yield system
    finally:
        system.stop()
