"""Files that were cut, turned and mixed up: each is a problem that is told, and none an error or an endless loop."""

import io
import random
import zipfile

import pytest

from backend.formats.reading import Reading
from backend.formats.registry import READ_FORMATS, dataset_write, format_get
from backend.formats.sources import ZipSource
from tests.backend.formats.cases import HEIGHT, WIDTH, dataset

ROUNDS = 250
_NUMBERS = [b"-1", b"0", b"1e999", b"99999999999999999999", b"NaN", b'"x"', b"null", b"[]", b"{}", b"true"]


def files_of(name: str) -> dict[str, bytes]:
    """What describes the objects; the photographs are nobody's concern here."""
    stream = io.BytesIO()
    dataset_write(dataset(), format_get(name), stream)
    archive = zipfile.ZipFile(stream)
    photographs = {format_get(name).picture_path(picture) for picture, _ in dataset().items()}
    return {path: archive.read(path) for path in archive.namelist() if path not in photographs}


def damaged(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content) + 1)
    match dice.randrange(5):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + bytes(dice.randbytes(dice.randrange(1, 5))) + content[at:]
        case 2:
            return content[:at] + content[at + dice.randrange(1, 40) :]
        case 3:
            flipped = bytearray(content or b" ")
            flipped[at % len(flipped)] ^= 1 << dice.randrange(8)
            return bytes(flipped)
        case _:
            words = content.split(b" ")
            words[dice.randrange(len(words))] = dice.choice(_NUMBERS)
            return b" ".join(words)


@pytest.mark.parametrize("name", sorted(READ_FORMATS))
def test_damage_is_told_and_stops_nothing(name: str) -> None:
    dice = random.Random(name)
    files = files_of(name)
    known = {picture.name: (picture.width, picture.height) for picture, _ in dataset().items()}
    told = 0
    for _ in range(ROUNDS):
        victim = dice.choice(sorted(files))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, damaged(content, dice) if path == victim else content)
        reading = Reading(ZipSource(zipfile.ZipFile(stream)), size_of=known.get)
        for picture in READ_FORMATS[name].read(reading):
            for found in picture.objects:
                assert 0 < found.region.area <= picture.width * picture.height
        assert all(problem.code and problem.message for problem in reading.problems)
        told += bool(reading.problem_count)
    assert told > ROUNDS // 10


def test_a_broken_row_leaves_the_others() -> None:
    files = files_of("yolo")
    lines = files["labels/train/ä photo.txt"].decode().splitlines()
    lines[2] = "0 0.1 0.2 0.3"
    lines[4] = "1 " + " ".join(["1e30"] * 6)
    files["labels/train/ä photo.txt"] = "\n".join(lines).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    reading = Reading(ZipSource(zipfile.ZipFile(stream)), size_of=lambda _: (WIDTH, HEIGHT))
    pictures = {picture.file_name: picture for picture in READ_FORMATS["yolo"].read(reading)}
    assert len(pictures["ä photo"].objects) == 4
    assert [(problem.where, problem.code) for problem in reading.problems] == [
        ("line 3", "import.polygon_invalid"),
        ("line 5", "import.polygon_invalid"),
    ]
