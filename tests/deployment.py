"""The product as separate processes: web, worker and clock, started with the commands `make run` uses."""

import atexit
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.artifacts import tiny_models_dir
from tests.services import fresh_database

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Short terms, so that a test waits seconds for what takes a minute in life. Nothing else differs.
KNOBS = {"EMBEDDING_LEASE_SECONDS": "3", "SWEEP_SECONDS": "1", "DEMO": "1", "OMP_NUM_THREADS": "1"}


class Deployment:
    """One data folder and the processes on it; `stop` ends them all."""

    def __init__(self, data_dir: Path, **knobs: str) -> None:
        self.data_dir = data_dir
        self.port = _free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.environment = (
            kept | KNOBS | {"DATA_DIR": str(data_dir), "MODELS_DIR": str(tiny_models_dir())} | knobs
        )
        self.environment.setdefault("DATABASE_URL", f"sqlite:///{data_dir / 'anymask.sqlite3'}")
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Migrations and the tiny model."""
        self.manage("migrate", "--no-input")
        self.manage("register_models", "--default", "tiny")

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def start_worker(self) -> subprocess.Popen[bytes]:
        arguments = ["worker", "--queues", "gpu,default", "--pool", "threads", "--concurrency", "1"]
        return self._start("worker", [str(BIN / "celery"), "-A", "workers.main", *arguments])

    def start_clock(self) -> subprocess.Popen[bytes]:
        arguments = ["beat", "--schedule", str(self.data_dir / "beat-schedule"), "--pidfile="]
        return self._start("clock", [str(BIN / "celery"), "-A", "workers.main", *arguments])

    def start_web(self) -> None:
        """Returns once the server answers."""
        threads = ["--worker-class", "gthread", "--workers", "1", "--threads", "8"]
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        process = self._start(
            "web", [str(BIN / "gunicorn"), "backend.config.wsgi:application", *bind, *threads]
        )

        def answers() -> bool:
            assert process.poll() is None, self.log("web")
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    return bool(answer.status == 200)
            except (urllib.error.URLError, OSError):
                return False

        wait_until(answers, "the web server answers", seconds=60)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows straight out of the database, past all of our code."""
        parts = urlsplit(self.environment["DATABASE_URL"])
        connect = (
            sqlite3.connect(parts.path) if parts.scheme == "sqlite" else psycopg2.connect(parts.geturl())
        )
        with closing(connect) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())

    def embeddings(self) -> list[tuple[str, int]]:
        """(state, attempts) of every row."""
        return self.query("SELECT state, attempts FROM embeddings_embedding ORDER BY id")

    def wait_for_states(self, *states: str, seconds: float = 90) -> None:
        """Waits until there are rows and all of them are in one of these states."""

        def are_there() -> bool:
            rows = self.embeddings()
            return bool(rows) and {state for state, _ in rows} <= set(states)

        wait_until(are_there, f"{states}, rows {self.embeddings()}", seconds, lambda: self.log("worker"))

    def log(self, name: str) -> str:
        path = self.data_dir / f"{name}.log"
        return path.read_text(errors="replace")[-8000:] if path.exists() else ""

    def stop(self) -> None:
        for process in self._processes:
            kill_group(process)

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.data_dir / f"{name}.log").open("ab") as log:
            # A group of its own: killing it must take the children along, as a power cut would.
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self._processes.append(process)
        return process


@lru_cache(maxsize=1)
def _prepared_folder() -> Path:
    folder = Path(mkdtemp(prefix="anymask-prepared-"))
    deployment = Deployment(folder)
    deployment.prepare()
    deployment.manage("demo_create")
    return folder


def embedded_deployment(data_dir: Path, **knobs: str) -> Deployment:
    """SQLite, files on disk, the filesystem broker; the demo project is uploaded and queued, nothing runs."""
    shutil.copytree(_prepared_folder(), data_dir, dirs_exist_ok=True)
    return Deployment(data_dir, **knobs)


@lru_cache(maxsize=1)
def _prepared_postgresql() -> tuple[Path, str]:
    """Folder and database name of a prepared deployment; the database goes when the test run ends."""
    folder = Path(mkdtemp(prefix="anymask-prepared-"))
    stack = ExitStack()
    atexit.register(stack.close)
    url = stack.enter_context(fresh_database())
    deployment = Deployment(folder, DATABASE_URL=url)
    deployment.prepare()
    deployment.manage("demo_create")
    return folder, url.rsplit("/", 1)[1]


@contextmanager
def postgresql_deployment(data_dir: Path, **knobs: str) -> Iterator[Deployment]:
    """As embedded_deployment, on a PostgreSQL database of its own."""
    folder, template = _prepared_postgresql()
    shutil.copytree(folder, data_dir, dirs_exist_ok=True)
    with fresh_database(template) as url:
        yield Deployment(data_dir, DATABASE_URL=url, **knobs)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the process and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_until(
    condition: Callable[[], bool], what: str, seconds: float = 30, detail: Callable[[], str] = str
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}\n{detail()}"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
