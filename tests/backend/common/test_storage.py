import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile

from backend.common.storage import AtomicFileSystemStorage, file_write, files_delete
from backend.launch.layout import ROOT
from tests.builders import stored_files


@pytest.fixture
def storage(tmp_path: Path) -> AtomicFileSystemStorage:
    return AtomicFileSystemStorage(location=tmp_path)


def test_a_key_is_whole_or_absent(
    storage: AtomicFileSystemStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    storage.save("a/b", ContentFile(b"old"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.save("a/b", ContentFile(b"new"))
    assert [path.read_bytes() for path in stored_files(tmp_path)] == [b"old"]


def test_an_emptied_folder_goes_and_one_in_use_stays(
    storage: AtomicFileSystemStorage, tmp_path: Path
) -> None:
    for key in ("a/b", "a/c", "d/e"):
        storage.save(key, ContentFile(b"x"))
    for key in ("a/b", "d/e"):
        storage.delete(key)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert storage.open("a/c").read() == b"x"


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "I/O error"), ClientError({"Error": {"Code": "503"}}, "DeleteObject")]
)
def test_a_file_that_cannot_be_removed_does_not_keep_the_others(
    files: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    delete = AtomicFileSystemStorage.delete

    def refuse_b(self: AtomicFileSystemStorage, name: str) -> None:
        if name == "b":
            raise error
        delete(self, name)

    monkeypatch.setattr(AtomicFileSystemStorage, "delete", refuse_b)
    for key in "abc":
        file_write(key, b"x")
    files_delete(["a", "b", "", "gone", "c"])
    assert [path.name for path in stored_files(files)] == ["b"]
    assert "file_delete_failed key=b" in caplog.text


def test_saving_beside_deletions_never_fails(storage: AtomicFileSystemStorage) -> None:
    """Each deletion empties the folder that the other three are about to write into."""

    def save_and_delete(name: str) -> None:
        for _ in range(300):
            storage.save(f"a/{name}", ContentFile(b"x"))
            storage.delete(f"a/{name}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save_and_delete, "bcde"))


def test_a_file_where_a_folder_should_be_is_an_error(storage: AtomicFileSystemStorage) -> None:
    storage.save("a", ContentFile(b"x"))
    with pytest.raises(FileExistsError):
        storage.save("a/b", ContentFile(b"x"))


def test_what_a_killed_process_was_writing_goes_and_what_is_being_written_stays(
    storage: AtomicFileSystemStorage, tmp_path: Path
) -> None:
    written = []

    class Content(ContentFile):  # type: ignore[type-arg]
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"half"
            written.append(storage.parts_sweep())
            yield b" and half"

    storage.save("jobs/1/file", ContentFile(b"x"))
    for key in ("jobs/1/other", "alone"):
        _killed_while_writing(tmp_path, key)
    assert len(list(stored_files(tmp_path))) == 3
    storage.save("jobs/2/file", Content(b""))
    assert written == [2]
    assert storage.parts_sweep() == 0
    assert sorted(path.read_bytes() for path in stored_files(tmp_path)) == [b"half and half", b"x"]


def _killed_while_writing(folder: Path, key: str) -> None:
    program = f"""
import os, signal
from django.conf import settings
settings.configure()
from django.core.files.base import ContentFile
from backend.common.storage import AtomicFileSystemStorage
class Content(ContentFile):
    def chunks(self, chunk_size=None):
        yield b"half"
        os.kill(os.getpid(), signal.SIGKILL)
AtomicFileSystemStorage(location={str(folder)!r}).save({key!r}, Content(b""))
"""
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
