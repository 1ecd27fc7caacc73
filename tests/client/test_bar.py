"""The line that is drawn on terminals."""

import io
import time

from anymask.cli.output import Bar, byte_amount, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_left_is_guessed_from_what_was_done() -> None:
    terminal = Terminal()
    bar = Bar(terminal)
    bar.show("Uploading", 0, 100, unit="B")
    time.sleep(0.2)
    bar.show("Uploading", 50, 100, unit="B")
    assert "\rUploading  [############............]  50%  50 B of 100 B, 1 s left" in terminal.getvalue()


def test_nothing_is_drawn_where_nobody_sees_it() -> None:
    pipe = io.StringIO()
    Bar(pipe).show("Uploading", 50, 100)
    assert pipe.getvalue() == ""


def test_amounts_are_told_as_people_say_them() -> None:
    assert [byte_amount(count) for count in (0, 1023, 1536, 5 * 1024**3)] == [
        "0 B",
        "1023 B",
        "1.5 KiB",
        "5.0 GiB",
    ]
    assert [duration(seconds) for seconds in (0.2, 59, 61, 7500)] == ["1 s", "59 s", "1 min", "2 h 5 min"]
