from collections.abc import Callable
from typing import Any

import pytest

from backend.config.table import markdown
from backend.config.variables import ReadBy, SettingError, Variables

Reading = Callable[[Variables], Any]
READINGS: dict[str, Reading] = {
    "device": lambda some: some.text("X", "cpu", "", pattern=r"cpu|cuda(:[0-9]+)?"),
    "level": lambda some: some.choice("X", "INFO", "", among=("INFO", "ERROR")),
    "url": lambda some: some.url("X", "", "", schemes=("redis",)),
    "rate": lambda some: some.rate("X", "1/s", ""),
    "port": lambda some: some.whole("X", 80, "", at_most=65535),
    "seconds": lambda some: some.number("X", 0.5, ""),
    "switch": lambda some: some.switch("X", True, ""),
    "names": lambda some: some.names("X", ""),
    "ports": lambda some: some.whole_numbers("X", (1, 2), "", at_most=9),
}


@pytest.mark.parametrize(
    ("reading", "text", "value"),
    [
        ("device", "cuda:1", "cuda:1"),
        ("level", "error", "ERROR"),
        ("url", "redis://h:1/0", "redis://h:1/0"),
        ("rate", "60/min", "60/min"),
        ("port", " 65535 ", 65535),
        ("seconds", ".25", 0.25),
        ("switch", "0", False),
        ("switch", "True", True),
        ("names", "a, b,,", ["a", "b"]),
        ("ports", "3,9", [3, 9]),
    ],
)
def test_what_is_written_is_read(reading: str, text: str, value: object) -> None:
    assert READINGS[reading](Variables({"X": text})) == value


@pytest.mark.parametrize(
    ("reading", "default"),
    [
        ("device", "cpu"),
        ("level", "INFO"),
        ("url", ""),
        ("rate", "1/s"),
        ("port", 80),
        ("seconds", 0.5),
        ("switch", True),
        ("names", []),
        ("ports", [1, 2]),
    ],
)
def test_set_but_empty_is_not_set(reading: str, default: object) -> None:
    assert READINGS[reading](Variables({"X": ""})) == default
    assert READINGS[reading](Variables({})) == default


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        ("device", "banana"),
        ("device", "cuda:"),
        ("level", "LOUD"),
        ("url", "amqp://h"),
        ("url", "redis://h:port/0"),
        ("rate", "60"),
        ("rate", "0/min"),
        ("port", "0"),
        ("port", "65536"),
        ("port", "8e3"),
        ("seconds", "0"),
        ("seconds", "nan"),
        ("seconds", "inf"),
        ("switch", "maybe"),
        ("ports", "3,ten"),
        ("ports", "10"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(reading: str, text: str) -> None:
    with pytest.raises(SettingError, match=r"^X\b"):
        READINGS[reading](Variables({"X": text}))


def test_a_rate_may_be_turned_off_where_that_is_said() -> None:
    assert Variables({"X": ""}).rate("X", "1/s", "", may_be_off=True) == ""
    assert Variables({}).rate("X", "1/s", "", may_be_off=True) == "1/s"


def test_a_refusal_tells_no_secret() -> None:
    with pytest.raises(SettingError) as refusal:
        Variables({"X": "hunter2"}).text("X", "", "", pattern="[0-9]+", is_secret=True)
    assert "hunter2" not in str(refusal.value)
    with pytest.raises(SettingError) as refusal:
        Variables({"X": "amqp://u:hunter2@h"}).url("X", "", "", schemes=("redis",))
    assert "hunter2" not in str(refusal.value)


def test_a_variable_is_declared_once_and_shown_in_one_row() -> None:
    variables = Variables({"X_BYTES": "5"})
    variables.whole("X_BYTES", 3 * 1024**2, "The largest.", read_by=ReadBy.WORKER)
    with pytest.raises(LookupError, match="X_BYTES"):
        variables.text("X_BYTES", "", "")
    rows = markdown(variables.declared.values())
    assert rows[2:] == ["| `X_BYTES` | whole number | 3145728 (3 MiB) | worker |  | The largest. |"]
