import errno
import io
import stat
import struct
import tempfile
import zipfile

import pytest
from pytest_django import Settings

from backend.common.errors import ApplicationError
from backend.images import archives
from backend.images.archives import archive_members, is_archive
from tests.builders import make_zip


def members(content: bytes) -> dict[str, bytes | str]:
    """Name -> bytes, or the code of the refusal."""
    return {
        name: item.code if isinstance(item, ApplicationError) else item.read()
        for name, item in archive_members(io.BytesIO(content))
    }


def refusal(content: bytes) -> str:
    with pytest.raises(ApplicationError) as caught:
        members(content)
    return caught.value.code


def zip_with(info: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("fine.png", b"fine")
        archive.writestr(info, content)
    return buffer.getvalue()


def test_files_come_with_their_paths_and_clutter_is_passed_over() -> None:
    content = make_zip(
        {
            "holiday/a.png": b"a",
            "b.png": b"b",
            "__MACOSX/holiday/._a.png": b"junk",
            ".DS_Store": b"junk",
            "holiday/.hidden/c.png": b"junk",
            "Thumbs.db": b"junk",
        }
    )
    assert members(content) == {"holiday/a.png": b"a", "b.png": b"b"}


@pytest.mark.parametrize(
    "name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:/evil.png", "..\\evil.png", "a\\b.png"]
)
def test_a_path_that_leaves_its_folder_refuses_the_whole_archive(name: str) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    assert refusal(zip_with(info)) == "archive.unsafe_path"


def test_a_symbolic_link_refuses_the_whole_archive() -> None:
    info = zipfile.ZipInfo("link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(zip_with(info, b"/etc/passwd")) == "archive.unsafe_path"


def test_an_archive_inside_is_not_opened_and_the_rest_is_taken() -> None:
    content = make_zip({"inner.png": make_zip({"a.png": b"a"}), "b.png": b"b"})
    assert members(content) == {"inner.png": "archive.nested", "b.png": b"b"}


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(make_zip({"a.png": b"a"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        content[at] |= 1
    assert refusal(bytes(content)) == "archive.encrypted"


def test_more_files_than_allowed_are_refused(settings: Settings) -> None:
    settings.MAX_ARCHIVE_MEMBERS = 3
    assert refusal(make_zip({f"{n}.png": b"x" for n in range(4)})) == "archive.too_many_members"


def directory(count: int, declared: int | None = None) -> bytes:
    """A zip of `count` empty members, which all lie at one place, and an end record that declares what it likes."""
    entry = make_zip({"a": b""})
    start = entry.index(b"PK\x01\x02")
    listed = entry[start : entry.index(b"PK\x05\x06")] * count
    size = len(listed) if declared is None else declared
    return entry[:start] + listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, start, 0)


def test_a_list_of_members_too_long_to_count_is_not_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAX_ARCHIVE_MEMBERS = 10
    assert refusal(directory(100)) == "archive.too_many_members"
    entries: list[zipfile.ZipInfo] = []
    decode = zipfile.ZipInfo._decodeExtra  # type: ignore[attr-defined]

    def counted(info: zipfile.ZipInfo, *arguments: int) -> None:
        entries.append(info)
        decode(info, *arguments)

    monkeypatch.setattr(zipfile.ZipInfo, "_decodeExtra", counted)
    content = io.BytesIO(directory(200_000))
    with pytest.raises(ApplicationError) as caught:
        list(archive_members(content))
    assert caught.value.code == "archive.too_many_members"
    assert entries == []


def test_what_an_archive_declares_does_not_count(settings: Settings) -> None:
    settings.MAX_ARCHIVE_MEMBERS = 10
    assert refusal(directory(1, declared=2**32 - 2)) == "archive.corrupt"
    assert len(members(directory(200_000, declared=47))) == 1


def test_an_archive_with_a_long_comment_is_opened() -> None:
    buffer = io.BytesIO(make_zip({"a.png": b"a"}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"c" * 65535
    assert members(buffer.getvalue()) == {"a.png": b"a"}


def test_more_declared_bytes_than_allowed_are_refused_before_inflating(settings: Settings) -> None:
    settings.MAX_ARCHIVE_BYTES = 1000
    assert refusal(make_zip({"a.png": b"\0" * 1001})) == "archive.too_large"


def test_a_bomb_that_lies_about_its_size_is_stopped(settings: Settings) -> None:
    settings.MAX_ARCHIVE_BYTES = 10_000
    content = bytearray(make_zip({"a.png": b"\0" * 5_000_000}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 100)
    # zipfile itself stops at the declared size and finds the checksum wrong: damage, not five megabytes.
    assert members(bytes(content)) == {"a.png": "archive.corrupt"}


def test_a_member_over_the_file_limit_is_refused_alone(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    assert members(make_zip({"big.png": b"\0" * 101, "b.png": b"b"})) == {
        "big.png": "image.too_large",
        "b.png": b"b",
    }


def test_a_disk_too_full_for_one_member_may_hold_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "_SPOOL_BYTES", 10)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert members(make_zip({"big.png": b"\0" * 11, "b.png": b"b"})) == {
        "big.png": "storage.full",
        "b.png": b"b",
    }


def test_a_damaged_member_is_refused_alone() -> None:
    content = bytearray(make_zip({"a.png": b"some text to damage", "b.png": b"b"}))
    content[content.index(b"a.png") + 8] ^= 0xFF
    assert members(bytes(content)) == {"a.png": "archive.corrupt", "b.png": b"b"}


def test_a_cut_archive_is_corrupt() -> None:
    assert refusal(make_zip({"a.png": b"a" * 100})[:60]) == "archive.corrupt"


def test_an_archive_is_known_by_its_content() -> None:
    assert is_archive(io.BytesIO(make_zip({"a": b"a"})))
    assert is_archive(io.BytesIO(make_zip({})))
    assert not is_archive(io.BytesIO(b"\xff\xd8\xff" + make_zip({"a": b"a"})))
