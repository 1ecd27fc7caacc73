"""What a check finds, and what a check is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_NAMED: Final = 3  # examples in a sentence


class Outcome(StrEnum):
    OK = "ok"
    # Works, and somebody should look at it some day.
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What was found, in one sentence; how many things are not as they should be; what a person does about it."""

    outcome: Outcome
    what: str
    count: int = 0
    advice: str = ""


@dataclass(frozen=True)
class Check:
    """`look` changes nothing anybody would notice. `mend`, where there is one, loses nothing, and says what it did."""

    name: str
    look: Callable[[], Finding]
    mend: Callable[[], str] | None = None


def ok(what: str) -> Finding:
    return Finding(Outcome.OK, what)


def warning(what: str, *, count: int = 1, advice: str) -> Finding:
    return Finding(Outcome.WARNING, what, count, advice)


def failed(what: str, *, count: int = 1, advice: str) -> Finding:
    return Finding(Outcome.FAILED, what, count, advice)


def examples(names: Sequence[str]) -> str:
    """The first few of the names, in a row."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
