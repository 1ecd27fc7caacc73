"""What a worker process does at once: one embedding batch, one job of each queue, and sweeps beside them.

A long job must not keep pictures waiting, nor the other way round, and on a laptop there is one process for all. So each
kind of work has a lane with room for one; a message that finds its lane taken is dropped, since whoever is on it rings
again before it leaves.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_locks: dict[str, threading.Lock] = {}
_busy: dict[str, str] = {}
_guard = threading.Lock()


@contextmanager
def lane(name: str) -> Iterator[bool]:
    """`with lane("gpu") as is_free:` whether the lane was free; it is then taken until the block ends."""
    with _guard:
        lock = _locks.setdefault(name, threading.Lock())
    is_free = lock.acquire(blocking=False)
    try:
        yield is_free
    finally:
        if is_free:
            _busy.pop(name, None)
            lock.release()


def lane_says(name: str, what: str) -> None:
    """What is done on the lane now, for people who look at the worker."""
    _busy[name] = what


def busy_with() -> list[str]:
    """What this process does now."""
    return sorted(_busy.values())
