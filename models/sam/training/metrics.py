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

    def rewind(self, step: int) -> None:
        """Drop the lines after `step` and a last line cut off by a crash: those steps will be done again."""
        kept = [line for line in read_log(self.path) if line["step"] <= step]
        if self.path.is_file():
            partial = self.path.with_suffix(".partial")
            partial.write_text("".join(json.dumps(line) + "\n" for line in kept))
            partial.replace(self.path)

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """What has been collected since the last line."""
        return {"sums": dict(self.sums), "counts": dict(self.counts)}

    def load_state_dict(self, state: dict[str, dict[str, Any]]) -> None:
        self.sums, self.counts = dict(state["sums"]), dict(state["counts"])


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a metrics file, none if there is no file; a last line without its end is left out."""
    if not path.is_file():
        return []
    whole, _, _ = path.read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def duration_text(seconds: float) -> str:
    """Seconds as "1:02:03"."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
