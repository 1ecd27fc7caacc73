"""Set-up steps: run once per input, loud only when they fail."""

import sys
from pathlib import Path

import pytest

from backend.launch.failure import LaunchError
from backend.launch.steps import fingerprint, is_stamped, run_step, write_stamp


def test_a_fingerprint_changes_with_content_and_with_names(tmp_path: Path) -> None:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "a").write_text("1")
    first = fingerprint([folder])
    assert fingerprint([folder]) == first
    (folder / "a").write_text("2")
    second = fingerprint([folder])
    (folder / "a").rename(folder / "b")
    assert len({first, second, fingerprint([folder])}) == 3


def test_a_stamp_holds_only_for_its_own_value(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    assert not is_stamped(stamp, "x")
    write_stamp(stamp, "x")
    assert is_stamped(stamp, "x")
    assert not is_stamped(stamp, "y")


def test_a_quiet_step_shows_its_output_only_when_it_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run_step("fine", [sys.executable, "-c", "print('chatter')"], cwd=tmp_path)
    assert "chatter" not in capfd.readouterr().out
    with pytest.raises(LaunchError, match="broken failed with exit code 7"):
        run_step("broken", [sys.executable, "-c", "print('reason'); raise SystemExit(7)"], cwd=tmp_path)
    assert "reason" in capfd.readouterr().out


def test_a_step_that_fills_the_disk_says_so(tmp_path: Path) -> None:
    script = "import sys; sys.exit('OSError: [Errno 28] No space left on device')"
    with pytest.raises(LaunchError, match="the disk is full"):
        run_step("packages", [sys.executable, "-c", script], cwd=tmp_path)
