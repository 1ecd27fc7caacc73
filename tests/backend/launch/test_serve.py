import os
import time
from pathlib import Path

from backend.launch.layout import RunOptions
from backend.launch.serve import remove_old_uploads


def test_what_was_received_of_an_upload_goes_after_a_day(tmp_path: Path) -> None:
    options = RunOptions(8000, "127.0.0.1", tmp_path, tmp_path / "models")
    remove_old_uploads(options)  # before anything was ever uploaded
    (tmp_path / "tmp").mkdir()
    for name, hours in (("old.upload", 25), ("young.upload", 23)):
        (tmp_path / "tmp" / name).write_bytes(b"x")
        then = time.time() - hours * 3600
        os.utime(tmp_path / "tmp" / name, (then, then))
    remove_old_uploads(options)
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["young.upload"]
