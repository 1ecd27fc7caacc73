"""Zips of data sets that were damaged, by accident or by design: as a whole, in their list of members, in one member."""

import io
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from tests.backend.imports.damaged_documents import json_damaged, lines_damaged, xml_damaged, yaml_damaged

_PICTURES: Final = (".png", ".jpg", ".jpeg")
_NAMES: Final = (
    *("../a.json", "/etc/passwd", "a/../../b.png", "C:\\x.png", "a\\b.json", "C:/x.json", "./a.json"),
    *("a//b.json", "a\0b.json", "\udc80.json", "é" * 300 + ".json", "a/" * 500 + "b.json"),
    *("__MACOSX/a.json", ".a.json", "losses.json", "CON.json", "a.JSON", "images", "labels/a.txt"),
    *("instances/x/y.png", "SegmentationObject/x.png", " .png", "a.png/b.json"),
)
_DEFLATED: Final = zipfile.ZIP_DEFLATED


def damaged(content: bytes, dice: random.Random) -> tuple[str, bytes]:
    """(what was done to it, the archive afterwards)."""
    chosen = dice.choice(_KINDS)
    return chosen.__name__.strip("_"), chosen(content, dice)


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _zipped(members: list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", _DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, _DEFLATED)
    return buffer.getvalue()


def _victim(members: dict[str, bytes], dice: random.Random) -> str:
    """Mostly what describes the objects; what says little is met seldom."""
    names = sorted(members)
    telling = [name for name in names if not name.endswith(_PICTURES) and name != "losses.json"]
    maps = [name for name in names if name.endswith(_PICTURES) and "images/" not in name]
    groups = [group for group in (telling, telling, maps, names) if group]
    return dice.choice(dice.choice(groups))


def _document(content: bytes, dice: random.Random) -> bytes:
    """One file within, by what its kind can suffer."""
    members = _members(content)
    for _ in range(dice.choice((1, 1, 1, 2))):
        name = _victim(members, dice)
        members[name] = _of_kind(name, members[name], dice)
    return _zipped(list(members.items()))


def _of_kind(name: str, content: bytes, dice: random.Random) -> bytes:
    kinds = {".json": json_damaged, ".xml": xml_damaged, ".yaml": yaml_damaged, ".txt": lines_damaged}
    kind = next((kind for ending, kind in kinds.items() if name.endswith(ending)), None)
    if name.endswith(_PICTURES):
        return _picture(content, dice)
    try:
        return kind(content, dice) if kind else _bytes(content, dice)
    except (ValueError, SyntaxError):
        # An earlier blow has made it something else.
        return _bytes(content, dice)


def _bytes(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content) + 1)
    match dice.randrange(5):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + dice.randbytes(dice.randrange(1, 9)) + content[at:]
        case 2:
            return content[:at] + content[at + dice.randrange(1, 60) :]
        case 3:
            flipped = bytearray(content or b" ")
            for _ in range(dice.choice((1, 1, 8))):
                flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
            return bytes(flipped)
        case _:
            return content + content[at:]


def _picture(content: bytes, dice: random.Random) -> bytes:
    """A photograph or a map of another mode, size or kind, or one whose head says it is as large as a town."""
    if dice.random() < 0.25 or not _is_whole(content):
        return _bytes(content, dice)
    if dice.random() < 0.2 and content[12:16] == b"IHDR":
        size = dice.choice(
            ((60_000, 60_000), (2**31 - 1, 1), (0, 0), (1, 2**31 - 1), (20_000, 16_000), (30, 40))
        )
        head = b"IHDR" + struct.pack(">II", *size) + content[24:29]
        return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert(opened.mode)
    size = dice.choice(
        (picture.size, (1, 1), picture.size[::-1], (picture.width + 1, picture.height), (300, 200))
    )
    values = np.asarray(picture)
    if dice.random() < 0.3:
        values = np.random.default_rng(dice.randrange(2**31)).integers(0, 256, (size[1], size[0]), np.uint8)
        picture = Image.fromarray(values)
    mode = dice.choice(("P", "L", "RGB", "RGBA", "LA", "1", "I;16"))
    changed = picture.resize(size).convert("L" if mode == "I;16" else mode)
    buffer = io.BytesIO()
    if mode == "I;16":
        changed = Image.fromarray(np.asarray(changed).astype(np.uint16) * 257)
    kind = dice.choice(("PNG",) * 5 + ("TIFF", "WEBP"))
    if mode in ("LA", "I;16", "1", "P") and kind == "WEBP":
        kind = "PNG"
    changed.save(buffer, kind)
    return buffer.getvalue()


def _is_whole(content: bytes) -> bool:
    """Whether no earlier blow has kept it from being read."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height < 1 << 20:
                opened.load()
                return True
    except Exception:
        # Whatever a decoder raises.
        pass
    return False


def _raw(content: bytes, dice: random.Random) -> bytes:
    """The archive's own bytes."""
    return _bytes(content, dice)


def _directory(content: bytes, dice: random.Random) -> bytes:
    """The list of members says something else: flags, method, checksum, sizes, place, of one of them."""
    damaged = bytearray(content)
    entries = [at for at in range(len(content) - 46) if content[at : at + 4] == b"PK\x01\x02"]
    at = dice.choice(entries)
    # Flags, method, checksum, size packed, size, attributes, place.
    offset, size = dice.choice(((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (38, 4), (42, 4)))
    value = dice.choice((0, 1, 0xFFFF_FFFF, dice.randrange(2**31), 99, 2**31 - 1))
    damaged[at + offset : at + offset + size] = (value % (1 << 8 * size)).to_bytes(size, "little")
    return bytes(damaged)


def _members_changed(content: bytes, dice: random.Random) -> bytes:
    """Some removed, renamed, twice, or one in the place of another."""
    members: list[tuple[str | zipfile.ZipInfo, bytes]] = list(_members(content).items())
    for _ in range(dice.choice((1, 1, 2, 5))):
        if not members:
            break
        at, other = dice.randrange(len(members)), dice.randrange(len(members))
        name, body = str(members[at][0]), members[at][1]
        match dice.randrange(7):
            case 0:
                del members[at]
            case 1:
                folder, _, tail = name.rpartition("/")
                other_names = (f"{name}x", f"x/{name}", tail, name.upper(), f"{folder}/x{tail}")
                members[at] = (dice.choice(other_names), body)
            case 2:
                members.append((f"more/{name}", body))
            case 3:
                members.append((name, members[other][1]))
            case 4:
                members[at], members[other] = (members[at][0], members[other][1]), (members[other][0], body)
            case 5:
                members[at] = (name, b"")
            case _:
                members.append((name.replace(".", "-2.", 1), body))
    return _zipped(members)


def _names(content: bytes, dice: random.Random) -> bytes:
    """A member with a name that leads elsewhere, or one that is a link."""
    members: list[tuple[str | zipfile.ZipInfo, bytes]] = list(_members(content).items())
    at = dice.randrange(len(members))
    info = zipfile.ZipInfo("x")
    # ZipInfo itself would make it a harmless one.
    info.filename = dice.choice(_NAMES)
    if dice.random() < 0.3:
        info = zipfile.ZipInfo(str(members[at][0]))
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        members[at] = (info, b"/etc/passwd")
    elif dice.random() < 0.5:
        members[at] = (info, members[at][1])
    else:
        members.append((info, members[at][1]))
    try:
        return _zipped(members)
    except UnicodeEncodeError:
        return _zipped(members[:at])


def _bomb(content: bytes, dice: random.Random) -> bytes:
    """Much from little: a file of zeros, of brackets, an archive in an archive, members without number."""
    members: list[tuple[str | zipfile.ZipInfo, bytes]] = list(_members(content).items())
    name = dice.choice([str(name) for name, _ in members])
    match dice.randrange(5):
        case 0:
            members.append((name, b"\0" * (8 << 20)))
        case 1:
            members.append((dice.choice(("a.json", "b.xml", "data.yaml", "labels/a.txt")), b"[" * (1 << 20)))
        case 2:
            members.append((dice.choice(("a.json", "a.png", "a.zip")), content))
        case 3:
            members += [(f"labels/{number}.txt", b"") for number in range(2000)]
        case _:
            members = [(name, body) for name, body in members for _ in range(2)]
    return _zipped(members)


_KINDS: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    *(_document,) * 10,
    *(_members_changed,) * 3,
    *(_raw,) * 2,
    *(_directory,) * 2,
    *(_names, _bomb),
)
