"""The log of a run: one JSON object a line, means over the steps since the last line, and a time estimate."""

import json
import math
from pathlib import Path
from typing import Any


class MetricsLog:
    """Collects numbers step by step and appends their means to a JSONL file. NaN entries are left out of a mean."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def add(self, values: dict[str, float]) -> None:
        """Take in one step's numbers."""
        for name, value in values.items():
            if not math.isnan(value):
                self.sums[name] = self.sums.get(name, 0.0) + value
                self.counts[name] = self.counts.get(name, 0) + 1

    def write(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Append `facts` and the means as one line, start afresh and return the line."""
        line = facts | {name: round(total / self.counts[name], 5) for name, total in self.sums.items()}
        self.sums, self.counts = {}, {}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return line


def duration_text(seconds: float) -> str:
    """Seconds as "1:02:03"."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
