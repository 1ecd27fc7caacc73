"""The command as real processes: two that train one model, and one that is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from models.sam.training.checkpoint import load_checkpoint
from models.sam.training.metrics import read_log

ROOT = Path(__file__).resolve().parents[3]
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def start(arguments: Sequence[str | Path]) -> "subprocess.Popen[bytes]":
    """A Python with these arguments, on one thread: sums in one order."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def options(data: Path, output: Path, *more: str) -> list[str | Path]:
    fixed = [
        "--model",
        "tiny",
        "--split",
        "val",
        "--corrections",
        "1",
        "1",
        "--idle-passes",
        "0",
        "--warmup",
        "2",
    ]
    return ["-m", "models.cli.train", "--data", data, "--out", output, *fixed, *more]


def test_two_processes_do_what_one_does_in_two_batches(sample: Path, tmp_path: Path) -> None:
    numbers = [
        "--stages",
        "64x2:1",
        "--steps",
        "3",
        "--log-every",
        "1",
        "--loader-workers",
        "0",
        "--lr",
        "1e-4",
    ]
    runs = [
        start([*TORCHRUN, *options(sample, tmp_path / "two", *numbers)]),
        start(options(sample, tmp_path / "one", *numbers, "--accumulate", "2")),
    ]
    assert [run.wait(timeout=180) for run in runs] == [0, 0]
    two, one = (load_checkpoint(tmp_path / name / "last.pt") for name in ("two", "one"))
    assert (two["step"], two["views"]) == (one["step"], one["views"]) == (3, 12)
    assert [line["views"] for line in read_log(tmp_path / "two" / "metrics.jsonl")] == [
        4,
        8,
        12,
    ]  # one writer
    for name, value in one["model"].items():
        # Three steps of 1e-4 at most; a process that trained alone would be off by about that.
        torch.testing.assert_close(two["model"][name], value, atol=5e-6, rtol=0, msg=name)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_that_is_asked_to_stop_saves_first(sample: Path, tmp_path: Path, processes: int) -> None:
    """The signal goes to the whole group, loaders too, as a terminal, a service manager or torchrun sends it."""
    numbers = ["--stages", "64x1:1", "--steps", "100000", "--log-every", "1", "--save-seconds", "1000"]
    run = start([*(TORCHRUN if processes == 2 else ()), *options(sample, tmp_path / "run", *numbers)])
    log = tmp_path / "run" / "metrics.jsonl"
    deadline = time.monotonic() + 120
    while len(read_log(log)) < 5:
        assert time.monotonic() < deadline
        assert run.poll() is None
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGTERM)
    run.wait(timeout=60)
    assert load_checkpoint(tmp_path / "run" / "last.pt")["step"] == read_log(log)[-1]["step"]


@pytest.mark.parametrize("steps", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_a_killed_run_continues_with_the_same_losses(sample: Path, tmp_path: Path, steps: int) -> None:
    """200 steps at once, and 100 or a few more, kill -9, resume: every line of the log is the same, to the last digit."""
    numbers = ["--stages", "64x1:1", "--steps", str(steps), "--log-every", "5", "--save-seconds", "0.2"]
    numbers += ["--masks-per-image", "2", "--drop-path", "0.1", "--copy-paste", "0.5"]
    whole = start(options(sample, tmp_path / "whole", *numbers))
    killed = start(options(sample, tmp_path / "killed", *numbers))
    log = tmp_path / "killed" / "metrics.jsonl"
    deadline = time.monotonic() + 180
    while not any(line["step"] >= steps // 2 for line in read_log(log)):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    saved = load_checkpoint(tmp_path / "killed" / "last.pt")["step"]
    assert 0 < saved < steps
    assert start(options(sample, tmp_path / "killed", *numbers, "--resume")).wait(timeout=180) == 0
    assert whole.wait(timeout=180) == 0

    curves = [
        [(line["step"], line["loss"]) for line in read_log(path)]
        for path in (log, tmp_path / "whole" / log.name)
    ]
    assert [step for step, _ in curves[1]] == list(range(5, steps + 1, 5))
    assert curves[0] == curves[1]
    ends = [
        load_checkpoint(tmp_path / name / "last.pt")["average"]["weights"] for name in ("killed", "whole")
    ]
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
