"""How much of the processor others used meanwhile, from Linux's /proc: figures taken on a busy machine are void."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class CpuTimes:
    """Ticks of all cores since boot: in total, not idle, and of this process with all its descendants."""

    total: int
    busy: int
    ours: int


def read_cpu_times() -> CpuTimes:
    """Now. Time stolen by a hypervisor counts as busy."""
    ticks = [int(text) for text in (_PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return CpuTimes(sum(ticks), sum(ticks) - idle, _ours())


def foreign_percent(before: CpuTimes, after: CpuTimes) -> float:
    """Processor time of others in percent of what all cores had; 0 where clock ticks make it negative."""
    foreign = (after.busy - before.busy) - (after.ours - before.ours)
    return max(0.0, 100 * foreign / max(1, after.total - before.total))


def _ours() -> int:
    parents: dict[int, int] = {}
    times: dict[int, int] = {}
    for pid, fields in _processes():
        parents[pid] = int(fields[1])
        # user and system time, and what ended children that were waited for had used
        times[pid] = sum(int(field) for field in fields[11:15])
    return sum(time for pid, time in times.items() if _descends(pid, parents))


def _descends(pid: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parents.get(pid, 0)
    return False


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Process id and the fields of /proc/<pid>/stat behind the command's name, its state first."""
    for folder in _PROC.glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
