"""Environment variables: each is declared once, with type, default and a sentence, and checked as it is read.

Only `backend.config.env` declares any. No rules of the product.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE: Final = frozenset({"1", "true", "on", "yes", "y", "ok"})
_FALSE: Final = frozenset({"0", "false", "off", "no", "n"})
_RATE: Final = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)")


class SettingError(ImproperlyConfigured, ValueError):
    """The environment says something that cannot be. Its one sentence names the variable, and no secret."""


class ReadBy(StrEnum):
    """Who needs a variable; the clock is a worker here, and so is `manage.py`."""

    WEB = "web"
    WORKER = "worker"
    BOTH = "both"
    LAUNCH = "make run"


@dataclass(frozen=True)
class Variable:
    """What the table of settings says of one. `default` is shown as it would be written."""

    name: str
    kind: str
    default: str
    read_by: ReadBy
    is_secret: bool
    sentence: str


class Variables:
    """Reads an environment. Set but empty, as make and compose files hand on what nobody set, is not set.

    Every method declares `name` and answers with its value or the default; `shown` is what the table says of a default
    that is made of others. Each raises SettingError for a value that makes no sense.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.declared: dict[str, Variable] = {}

    def text(
        self,
        name: str,
        default: str,
        sentence: str,
        *,
        pattern: str = "",
        read_by: ReadBy = ReadBy.BOTH,
        is_secret: bool = False,
        shown: str | None = None,
    ) -> str:
        """As it is written; all of it must match the `pattern`, where there is one."""
        self._declare(name, "text", default if shown is None else shown, read_by, is_secret, sentence)
        value = self._given(name)
        if value and pattern and not re.fullmatch(pattern, value):
            raise self._refused(name, f"must match {pattern}")
        return value or default

    def choice(
        self, name: str, default: str, sentence: str, *, among: Sequence[str], read_by: ReadBy = ReadBy.BOTH
    ) -> str:
        """One of a few words, as it stands in `among`; capitals are of no account."""
        self._declare(name, " ".join(among), default, read_by, False, sentence)
        given = (self._given(name) or default).lower()
        value = next((word for word in among if word.lower() == given), None)
        if value is None:
            raise self._refused(name, f"must be one of {', '.join(among)}")
        return value

    def url(
        self,
        name: str,
        default: str,
        sentence: str,
        *,
        schemes: Collection[str],
        read_by: ReadBy = ReadBy.BOTH,
        shown: str | None = None,
    ) -> str:
        """An address with one of the `schemes`. A secret always: most hold a password."""
        self._declare(name, "url", default if shown is None else shown, read_by, True, sentence)
        value = self._given(name)
        if not value:
            return default
        try:
            scheme, _ = urlsplit(value).scheme, urlsplit(value).port
        except ValueError as error:
            raise SettingError(f"{name} is no address: {error}.") from error
        if scheme not in schemes:
            known = ", ".join(f"{scheme}://" for scheme in sorted(schemes))
            raise SettingError(f"{name} must begin with one of {known}")
        return value

    def rate(
        self,
        name: str,
        default: str,
        sentence: str,
        *,
        may_be_off: bool = False,
        read_by: ReadBy = ReadBy.WEB,
    ) -> str:
        """Requests a period, `60/min`; empty for no limit where it `may_be_off`."""
        self._declare(name, "rate", default, read_by, False, sentence)
        value = self._given(name)
        if not value:
            return "" if may_be_off and name in self._environment else default
        if not _RATE.fullmatch(value):
            raise self._refused(name, "must be a number of requests and a period, as 60/min")
        return value

    def whole(
        self,
        name: str,
        default: int,
        sentence: str,
        *,
        at_least: int = 1,
        at_most: int | None = None,
        read_by: ReadBy = ReadBy.BOTH,
    ) -> int:
        """A whole number between the bounds, both included."""
        self._declare(name, "whole number", _number_shown(name, default), read_by, False, sentence)
        value = self._given(name)
        return self._whole(name, value, at_least, at_most) if value else default

    def number(
        self, name: str, default: float, sentence: str, *, above: float = 0, read_by: ReadBy = ReadBy.BOTH
    ) -> float:
        """A finite number above a bound."""
        self._declare(name, "number", f"{default:g}", read_by, False, sentence)
        value = self._given(name)
        if not value:
            return default
        if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", value) or not float(value) > above:
            raise self._refused(name, f"must be a number above {above:g}")
        return float(value)

    def switch(self, name: str, default: bool, sentence: str, *, read_by: ReadBy = ReadBy.BOTH) -> bool:
        """On or off."""
        given = self.switch_if_given(name, sentence, read_by=read_by, shown="on" if default else "off")
        return default if given is None else given

    def switch_if_given(
        self, name: str, sentence: str, *, shown: str, read_by: ReadBy = ReadBy.BOTH
    ) -> bool | None:
        """On, off, or None where nothing is said: whoever asks knows the default."""
        self._declare(name, "switch", shown, read_by, False, sentence)
        value = self._given(name).lower()
        if value and value not in _TRUE | _FALSE:
            raise self._refused(name, "must be 1 or 0")
        return value in _TRUE if value else None

    def names(
        self,
        name: str,
        sentence: str,
        *,
        read_by: ReadBy = ReadBy.BOTH,
        is_secret: bool = False,
        shown: str = "",
    ) -> list[str]:
        """What stands between commas; empty without it."""
        self._declare(name, "list", shown, read_by, is_secret, sentence)
        return self._items(name)

    def whole_numbers(
        self,
        name: str,
        default: Sequence[int],
        sentence: str,
        *,
        at_most: int,
        read_by: ReadBy = ReadBy.BOTH,
    ) -> list[int]:
        """Numbers between commas, from 1 on."""
        self._declare(name, "list of numbers", ",".join(map(str, default)), read_by, False, sentence)
        return [self._whole(name, item, 1, at_most) for item in self._items(name)] or list(default)

    def folder(
        self, name: str, default: Path, sentence: str, *, shown: str, read_by: ReadBy = ReadBy.BOTH
    ) -> Path:
        """A folder's absolute path; never the current folder by an empty value."""
        self._declare(name, "folder", shown, read_by, False, sentence)
        return Path(self._given(name) or default).expanduser().resolve()

    def _given(self, name: str) -> str:
        return self._environment.get(name, "").strip()

    def _items(self, name: str) -> list[str]:
        return [item.strip() for item in self._given(name).split(",") if item.strip()]

    def _whole(self, name: str, text: str, at_least: int, at_most: int | None) -> int:
        if re.fullmatch(r"[+-]?[0-9]+", text):
            value = int(text)
            if value >= at_least and (at_most is None or value <= at_most):
                return value
        span = f"of at least {at_least}" if at_most is None else f"between {at_least} and {at_most}"
        raise self._refused(name, f"must be a whole number {span}")

    def _refused(self, name: str, wish: str) -> SettingError:
        value = "" if self.declared[name].is_secret else f"={self._given(name)}"
        return SettingError(f"{name}{value} {wish}.")

    def _declare(
        self, name: str, kind: str, default: str, read_by: ReadBy, is_secret: bool, sentence: str
    ) -> None:
        if name in self.declared:
            raise LookupError(f"{name} is declared twice")
        self.declared[name] = Variable(name, kind, default, read_by, is_secret, sentence)


def _number_shown(name: str, value: int) -> str:
    if name.endswith("_BYTES"):
        unit, letters = (1024**3, "GiB") if value >= 1024**3 else (1024**2, "MiB")
        return f"{value} ({value // unit} {letters})"
    return str(value)
