"""What an evaluation wrote down, image by image, in a file that outlives the process: a line each.

The first line says what was measured and how; a run of anything else does not go on with it. What a killed process left
half written at the end is dropped.
"""

import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

Record = dict[str, Any]


class Records:
    """Records by key, in memory and, where `path` is given, in that file as well. Use as a context manager.

    ValueError where the file holds a run of other `facts`.
    """

    def __init__(self, facts: Record, path: Path | None = None) -> None:
        self._found: dict[str, Record] = {}
        self._file: IO[str] | None = None
        if path is None:
            return
        wanted = json.loads(json.dumps(facts))
        lines = _whole_lines(path)
        if lines:
            first, *rest = (json.loads(line) for line in lines)
            if first != wanted:
                raise ValueError(f"{path.parent} holds a run of something else: name another folder")
            self._found = {line["key"]: line["record"] for line in rest}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._file.truncate(sum(len(line.encode()) for line in lines))
        if not lines:
            self._write(wanted)

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def __getitem__(self, key: str) -> Record:
        return self._found[key]

    def add(self, key: str, record: Record) -> None:
        """Kept before this returns."""
        # As it will be read: tuples are lists, keys are texts.
        self._found[key] = json.loads(json.dumps(record))
        self._write({"key": key, "record": record})

    def _write(self, line: Record) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()


def _whole_lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = path.read_bytes()
    return text[: text.rfind(b"\n") + 1].decode().splitlines(keepends=True)
