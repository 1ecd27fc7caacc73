"""Keeps the web server, the worker and the sweep clock alive, in one foreground process group."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.launch.layout import ROOT
from backend.launch.steps import say

SHUTDOWN_SECONDS = 15.0
HEALTHY_SECONDS = 30.0
LONGEST_PAUSE = 30.0
QUICK_DEATHS_BEFORE_GIVING_UP = 8
LOG_BYTES = 10 * 1024**2


def die_with_parent() -> None:
    """Asks Linux to end this child when the supervisor is killed: nothing may keep running unseen."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def adopt_orphans() -> None:
    """Makes Linux hand this process the children of children that ended before them."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1)


def child_pids() -> list[int]:
    """Processes whose parent is this one, as /proc tells; empty where there is no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue  # it ended while it was read
        if parent == os.getpid():
            found.append(int(folder.name))
    return found


def end_orphans() -> None:
    """Kills and reaps what the children left behind, until nothing is left."""
    # a web worker forked in the instant of the Ctrl-C outlives its master otherwise
    while pids := child_pids():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@dataclass
class Child:
    """One supervised process and how its restarts went."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    quick_deaths: int = 0

    def start(self, environment: Mapping[str, str]) -> None:
        """Starts it, its output appended to its log (the previous log is kept once when it grew large)."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )
        self.started = time.monotonic()

    def tail(self, lines: int = 20) -> str:
        """The end of its log."""
        return (
            "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""
        )


@dataclass
class Supervisor:
    """Starts the children, restarts the dead with a growing pause, ends all on SIGINT, SIGTERM or SIGHUP."""

    children: list[Child]
    environment: Mapping[str, str]
    first_pause: float = 0.5
    is_stopping: bool = field(default=False, init=False)

    def run(self, when_started: Callable[[], bool]) -> int:
        """Blocks until told to stop (0) or until a child cannot be kept alive (1).

        `when_started` is polled until it answers True: the place to wait for the web server and greet.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        adopt_orphans()
        for child in self.children:
            child.start(self.environment)
        is_greeted = False
        exit_code = 0
        while not self.is_stopping:
            if not is_greeted:
                is_greeted = when_started()
            broken = next((child for child in self.children if not self._keep_alive(child)), None)
            if broken is not None:
                say(
                    f"anymask: {broken.name} ends again and again; the last lines of {broken.log}:\n"
                    f"{broken.tail()}"
                )
                exit_code = 1
                break
            time.sleep(0.2)
        self._end_all()
        return exit_code

    def _stop(self, number: int, frame: object) -> None:
        self.is_stopping = True

    def _keep_alive(self, child: Child) -> bool:
        now = time.monotonic()
        if child.process is None:
            if now >= child.restart_at:
                child.start(self.environment)
            return True
        code = child.process.poll()
        if code is None:
            return True
        child.process = None
        child.quick_deaths = 0 if now - child.started > HEALTHY_SECONDS else child.quick_deaths + 1
        if child.quick_deaths >= QUICK_DEATHS_BEFORE_GIVING_UP:
            return False
        pause = min(LONGEST_PAUSE, self.first_pause * 2**child.quick_deaths)
        child.restart_at = now + pause
        if not self.is_stopping:
            say(
                f"anymask: {child.name} ended ({code}); starting it again in {pause:.0f} s (log: {child.log})"
            )
        return True

    def _end_all(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        end_orphans()
