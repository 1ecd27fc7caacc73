"""The supervisor restarts what dies, ends everything it started, and gives up on what cannot live."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from backend.launch.layout import ROOT
from backend.launch.supervisor import Child

SUPERVISE = """
import sys
from pathlib import Path
from backend.launch.supervisor import Child, Supervisor
import os
logs, python = Path(sys.argv[1]), sys.executable
children = [Child(f"child{i}", [python, "-c", c], logs / f"{i}.log") for i, c in enumerate(sys.argv[2:])]
sys.exit(Supervisor(children, os.environ, first_pause=0.01).run(lambda: True))
"""
SLEEPER = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
PARENT_OF_ORPHAN = """
import subprocess, sys, time
orphan = "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
orphan += "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", orphan])
time.sleep(600)
"""


def supervise(logs: Path, *codes: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, str(logs), *codes]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def pids(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().splitlines() if line.isdigit()] if log.exists() else []


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


def test_a_killed_child_is_started_again_and_the_others_are_left_alone(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, SLEEPER, SLEEPER)
    try:
        wait_for(lambda: len(pids(tmp_path / "0.log")) == 1 and len(pids(tmp_path / "1.log")) == 1)
        os.kill(pids(tmp_path / "0.log")[0], signal.SIGKILL)
        wait_for(lambda: len(pids(tmp_path / "0.log")) == 2)
        assert len(pids(tmp_path / "1.log")) == 1
    finally:
        supervisor.terminate()
    assert supervisor.wait(30) == 0
    assert not any(is_running(pid) for log in tmp_path.glob("*.log") for pid in pids(log))


def test_ctrl_c_ends_all_children(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, SLEEPER, SLEEPER)
    wait_for(lambda: len(pids(tmp_path / "0.log")) == 1 and len(pids(tmp_path / "1.log")) == 1)
    os.killpg(supervisor.pid, signal.SIGINT)
    assert supervisor.wait(30) == 0
    assert not any(is_running(pid) for log in tmp_path.glob("*.log") for pid in pids(log)[:1])


def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, SLEEPER)
    wait_for(lambda: len(pids(tmp_path / "0.log")) == 1)
    supervisor.kill()
    supervisor.wait(30)
    wait_for(lambda: not is_running(pids(tmp_path / "0.log")[0]))


def test_a_child_that_cannot_live_ends_the_run_with_its_last_words(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, "print('no such table: images'); raise SystemExit(3)")
    output, _ = supervisor.communicate(timeout=240)
    assert supervisor.returncode == 1
    assert "child0 ends again and again" in output
    assert "no such table: images" in output


def test_a_large_log_is_set_aside_once(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (11 * 1024**2))
    child = Child("web", [sys.executable, "-c", "print('fresh')"], log)
    child.start(os.environ)
    assert child.process is not None
    child.process.wait(30)
    assert log.read_text() == "fresh\n"
    assert (tmp_path / "web.log.1").stat().st_size == 11 * 1024**2


def test_what_a_child_leaves_behind_ends_too(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, PARENT_OF_ORPHAN)
    wait_for(lambda: len(pids(tmp_path / "0.log")) == 1)
    os.killpg(supervisor.pid, signal.SIGINT)
    assert supervisor.wait(30) == 0
    assert not is_running(pids(tmp_path / "0.log")[0])
