"""The memory that computing may take, of a GPU or of this machine."""

import gc
from pathlib import Path

import torch

GIB = 1024**3
SUPPOSED = 8 * GIB  # where the system does not say
MEMINFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")


def free_memory(device: torch.device | str) -> int:
    """Bytes that can be taken on the device: of a GPU, or of the machine within the limit of its control group.

    What the system holds only to read files faster counts as free: it is given back when memory is asked for.
    """
    device = torch.device(device)
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    available = _number(MEMINFO, "MemAvailable:")
    machine = SUPPOSED if available is None else 1024 * available
    try:
        limit = int((CONTROL_GROUP / "memory.max").read_text())
        used = int((CONTROL_GROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return machine  # no control group, or "max"
    files = _number(CONTROL_GROUP / "memory.stat", "inactive_file") or 0
    return max(0, min(machine, limit - used + files))


def memory_return(device: torch.device | str) -> None:
    """Gives back what torch keeps of a GPU's memory though nothing is in it, so that `free_memory` counts it."""
    gc.collect()
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()


def _number(table: Path, name: str) -> int | None:
    """Of a line "name number …"."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.split()[:1] == [name]), None)
