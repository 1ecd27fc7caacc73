"""Loaded by Python itself in processes of a clock drill: what they take for the time is so many seconds off, as
`CLOCK_SHIFT_FILE` says at each moment.

As when somebody sets a machine's clock, or a virtual machine wakes up: all that reads the time of day sees it, at once
and in all processes, and `time.monotonic` does not.
"""

import copyreg
import datetime
import mmap
import os
import struct
import time

_file = os.open(os.environ["CLOCK_SHIFT_FILE"], os.O_RDONLY)
_shift = mmap.mmap(_file, 8, prot=mmap.PROT_READ)
_real_time, _real_time_ns, _real = time.time, time.time_ns, datetime.datetime


def _seconds() -> float:
    return float(struct.unpack("<d", _shift[:8])[0])


# Objects and no functions, which would become methods where a class keeps one of them, as built-in ones do not.
class _Time:
    def __call__(self) -> float:
        return _real_time() + _seconds()


class _TimeNs:
    def __call__(self) -> int:
        return _real_time_ns() + int(_seconds() * 1e9)


_time = _Time()


class _Kind(type):
    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, _real)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, _real)


class _Shifted(_real, metaclass=_Kind):
    """What asks the clock asks ours; all that is made is of the real class."""

    __slots__ = ()

    def __new__(cls, *values, **named):  # type: ignore[no-untyped-def]
        return _real.__new__(_real if cls is _Shifted else cls, *values, **named)

    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        return _real.fromtimestamp(_time(), tz)

    @classmethod
    def utcnow(cls):  # type: ignore[no-untyped-def]
        return _real.fromtimestamp(_time(), datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls):  # type: ignore[no-untyped-def]
        return _real.fromtimestamp(_time())


def _reduced(value):  # type: ignore[no-untyped-def]
    return _Shifted, value.__reduce_ex__(4)[1]


# Pickles of the real ones name `datetime.datetime`, which is ours.
_Shifted.__module__, _Shifted.__name__, _Shifted.__qualname__ = "datetime", "datetime", "datetime"
copyreg.pickle(_real, _reduced)
time.time, time.time_ns = _time, _TimeNs()  # type: ignore[assignment]
datetime.datetime = _Shifted  # type: ignore[misc]
