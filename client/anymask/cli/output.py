"""What the commands say: answers on stdout, as text or JSON; progress and complaints on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

_BAR: Final = 24
_REDRAWN_EVERY: Final = 0.1
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")


class Output:
    """One command's. `hint` is what is said of how to go on when Ctrl-C or a broken connection ends it."""

    def __init__(self, *, is_json: bool) -> None:
        self.is_json = is_json
        self.hint = ""
        self.bar = Bar(sys.stderr)

    def answer(self, value: Any, text: str | Iterable[str]) -> None:
        """The one answer: `value` for machines, `text` for people."""
        self.bar.clear()
        if self.is_json:
            print(json.dumps(value, ensure_ascii=False))
            return
        for line in [text] if isinstance(text, str) else text:
            print(line)

    def note(self, text: str) -> None:
        self.bar.clear()
        print(text, file=sys.stderr, flush=True)

    def paused(self, reason: str, seconds: float) -> None:
        """A request is about to be sent again."""
        self.note(f"{reason} Trying again in {seconds:.0f} s." if seconds >= 1 else f"{reason} Trying again.")


class Bar:
    """A line that is drawn over itself on a terminal, and nothing anywhere else."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._is_shown = stream.isatty()
        self._length = 0
        self._drawn_at = 0.0
        self._begun: tuple[str, float, float] | None = None

    def show(
        self, what: str, done: float, total: float | None, *, unit: str = "", eta: float | None = None
    ) -> None:
        """`eta` in seconds; without one it is guessed from how fast `done` grew since this bar began."""
        now = time.monotonic()
        if not self._is_shown or (now - self._drawn_at < _REDRAWN_EVERY and done != total):
            return
        if self._begun is None or self._begun[0] != what:
            self._begun = (what, now, done)
        if eta is None and total:
            eta = self._guess(now, done, total)
        self._draw(_line(what, done, total, unit, eta))
        self._drawn_at = now

    def clear(self) -> None:
        if self._length:
            self._draw("")
            self._stream.write("\r")
            self._stream.flush()
            self._length = 0

    def _guess(self, now: float, done: float, total: float) -> float | None:
        assert self._begun is not None
        _, began_at, before = self._begun
        return (now - began_at) * (total - done) / (done - before) if done > before else None

    def _draw(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._length))
        self._stream.flush()
        self._length = len(text)


def _line(what: str, done: float, total: float | None, unit: str, eta: float | None) -> str:
    if not total:
        return f"{what}  {_amount(done, unit)}"
    share = min(1.0, done / total)
    filled = round(_BAR * share)
    bar = "#" * filled + "." * (_BAR - filled)
    line = f"{what}  [{bar}] {share:4.0%}  {_amount(done, unit)} of {_amount(total, unit)}"
    return line if eta is None or done >= total else f"{line}, {duration(eta)} left"


def _amount(count: float, unit: str) -> str:
    return byte_amount(count) if unit == "B" else f"{count:,.0f} {unit}".strip()


def byte_amount(count: float) -> str:
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {_UNITS[-1]}"


def duration(seconds: float) -> str:
    """As people say it: 40 s, 3 min, 2 h 5 min."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def table(rows: Sequence[Sequence[Any]], head: Sequence[str]) -> Iterable[str]:
    """Columns as wide as their widest cell."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
