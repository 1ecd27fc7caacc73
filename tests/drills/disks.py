"""A disk so small that it can be filled: a file system in memory, mounted for as long as the drill takes."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.drills.servers import ServerMissing, program


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    """Raises ServerMissing where nobody may mount one."""
    at.mkdir(parents=True, exist_ok=True)
    mount = [program("mount"), "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(at)]
    result = subprocess.run(mount, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ServerMissing(f"a small disk cannot be mounted here ({result.stderr.strip()}): it takes root")
    try:
        yield at
    finally:
        subprocess.run([program("umount"), "-l", str(at)], check=False)


def fill(disk: Path) -> Path:
    """Takes all that is left, to the last byte, by a file whose deletion gives it back."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            while _written(file, size):
                pass
    return ballast


def _written(file: IO[bytes], size: int) -> bool:
    try:
        return bool(file.write(b"\0" * size))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
