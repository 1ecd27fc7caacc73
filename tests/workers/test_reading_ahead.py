"""Who computes does not wait for the next file, and files do not pile up."""

import threading

import pytest

from workers.reading_ahead import read_ahead


def test_the_next_is_read_while_somebody_works_on_the_last() -> None:
    read = [threading.Event() for _ in range(4)]

    def reading(number: int) -> str:
        read[number].set()
        return f"content {number}"

    contents = read_ahead(range(4), reading, 2)
    assert next(contents) == (0, "content 0")
    # Nothing is asked for here, and yet:
    assert read[1].wait(10)
    assert read[2].wait(10)
    assert not read[3].wait(0.1), "as many as may wait, and no more"
    assert list(contents) == [(1, "content 1"), (2, "content 2"), (3, "content 3")]


def test_what_reading_raises_comes_at_its_turn() -> None:
    def reading(number: int) -> int:
        if number == 1:
            raise OSError("gone")
        return number

    contents = read_ahead(range(3), reading, 2)
    assert next(contents) == (0, 0)
    with pytest.raises(OSError, match="gone"):
        next(contents)


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    contents = read_ahead(range(100), str, 3)
    next(contents)
    contents.close()
    assert threading.active_count() == before
