"""The time of day in the processes of one system: a file of eight bytes that each of them looks at."""

import mmap
import os
import struct
from pathlib import Path

HOOK = Path(__file__).parent / "clock"


class SetClock:
    """Real at first."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(struct.pack("<d", 0.0))
        with file.open("r+b") as opened:
            self._shift = mmap.mmap(opened.fileno(), 8)
        before = os.environ.get("PYTHONPATH", "")
        self.environment = {
            "PYTHONPATH": os.pathsep.join(filter(None, [str(HOOK), before])),
            "CLOCK_SHIFT_FILE": str(file),
        }

    def set(self, seconds: float) -> None:
        """So many seconds ahead of the real time, or behind it, from now on."""
        self._shift[:8] = struct.pack("<d", seconds)
