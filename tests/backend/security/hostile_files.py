"""Files that somebody means harm with, made by code: each with its name and what may become of it."""

import io
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.builders import make_file, make_pixels, make_zip

SCRIPT: Final = b"<script>window.__xss=1</script>"
HTML: Final = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG: Final = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
)
_HUGE: Final = 60_000  # a picture this wide and high has more pixels than are taken


@dataclass(frozen=True)
class Hostile:
    """`codes`: the refusals it may meet; "" among them where it may be taken, as the picture that it also is."""

    kind: str
    name: str
    content: bytes
    codes: tuple[str, ...]


def hostile_files() -> Iterator[Hostile]:
    for make in (_bombs, _polyglots, _not_pictures, _metadata, _cut, _archives):
        yield from make()


def hostile_names() -> dict[str, str]:
    """Names for a picture in order, by what is wrong with them."""
    return {
        "up": "../../../../tmp/anymask-escaped.png",
        "absolute": "/tmp/anymask-escaped.png",
        "up, windows": "..\\..\\anymask-escaped.png",
        "drive": "C:\\Windows\\anymask-escaped.png",
        "share": "\\\\server\\share\\a.png",
        "null": "a.png\0.html",
        "device": "/dev/null",
        "device, windows": "CON.png",
        "stream": "a.png::$DATA",
        "dots": "....//....//a.png",
        "only dots": "..",
        "only slashes": "////",
        "long": "x" * 10_000 + ".png",
        "deep": "a/" * 3000 + "a.png",
        "cut to dots": "a../" + "x" * 1017 + ".png",
        "right to left": "photo\u202egnp.exe",
        "invisible": "a\u200b\u2066b\ufeff.png",
        "markup": '"><img src=x onerror=alert(1)>.png',
        "header": "a.png\r\nSet-Cookie: a=b",
        "shell": "$(touch anymask-escaped).png",
        "percent": "%2e%2e%2fanymask-escaped.png",
        "format": "%s%n{0}{0.__class__}.png",
        "emoji": "🐈" * 300 + ".png",
        "empty": "",
        "space": " ",
    }


def _bombs() -> Iterator[Hostile]:
    too_many = ("image.too_many_pixels",)
    yield Hostile("bomb", "huge.png", png(_HUGE, _HUGE), too_many)
    yield Hostile("bomb", "largest.png", png(2**31 - 1, 2**31 - 1), too_many)
    yield Hostile("bomb", "huge.gif", b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0;", _UNKNOWN)
    yield Hostile("bomb", "huge.bmp", _bmp(_HUGE, _HUGE), too_many)
    yield Hostile("bomb", "huge.tif", tiff(_HUGE, _HUGE), too_many)
    webp = bytearray(make_file(make_pixels(), "WEBP", lossless=True))
    # VP8L: 14 bits of width - 1 and 14 of height - 1 behind the signature byte.
    at = webp.index(b"VP8L") + 9
    webp[at : at + 4] = struct.pack("<I", (16382 << 14) | 16382)
    yield Hostile("bomb", "huge.webp", bytes(webp), (*too_many, *_DAMAGED))
    jpeg = bytearray(make_file(make_pixels(), "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65000, 65000)
    yield Hostile("bomb", "huge.jpg", bytes(jpeg), too_many)
    # What a megabyte of nothing inflates from, where a text stands beside the pixels.
    text = zlib.compress(b"\0" * 30_000_000, 9)
    yield Hostile("bomb", "text.png", png(8, 8, chunk(b"zTXt", b"a\0\0" + text)), ("", *_DAMAGED))
    yield Hostile("bomb", "profile.png", png(8, 8, chunk(b"iCCP", b"a\0\0" + text)), ("", *_DAMAGED))
    # The pixels of a small picture, followed by as many as nobody asked for.
    rows = zlib.compress(b"\0" * 50_000_000, 9)
    yield Hostile("bomb", "rows.png", png(8, 8, rows=rows), ("", *_DAMAGED))


def _polyglots() -> Iterator[Hostile]:
    taken = ("",)
    jpeg, picture = make_file(make_pixels(seed=1), "JPEG"), make_file(make_pixels(seed=2))
    comment = jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML + jpeg[2:]
    yield Hostile("polyglot", "comment.jpg", comment, taken)
    yield Hostile("polyglot", "appended.jpg", jpeg + HTML, taken)
    yield Hostile("polyglot", "appended.html", picture + HTML, taken)
    yield Hostile("polyglot", "appended-zip.png", picture + make_zip({"a.html": HTML}), taken)
    yield Hostile("polyglot", "in-chunk.png", png(8, 8, chunk(b"tEXt", b"Comment\0" + HTML)), taken)
    yield Hostile("polyglot", "script.gif", b"GIF89a=1;/*" + b"\0" * 20 + b"*/alert(1);", _UNKNOWN)
    yield Hostile("polyglot", "script.bmp", b"BM=1;alert(1);" + b"\0" * 60, (*_UNKNOWN, *_DAMAGED))
    yield Hostile(
        "polyglot", "zip-first.png", make_zip({"a.html": HTML}) + picture, ("archive.corrupt", *_UNKNOWN)
    )


def _not_pictures() -> Iterator[Hostile]:
    for name, content in {
        "page.jpg": HTML,
        "drawing.jpg": SVG,
        "drawing.png": SVG,
        "drawing.svg": SVG,
        "entities.svg": b'<!DOCTYPE a [<!ENTITY b "c">]>' + SVG,
        "page.pdf": b"%PDF-1.7\n" + SCRIPT,
        "program.png": b"\x7fELF" + b"\0" * 100,
        "shell.jpg": b"#!/bin/sh\ntouch anymask-escaped\n",
        "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(anymask-escaped) (w) file\n",
        "commands.mvg": b"push graphic-context\nfill 'url(https://127.0.0.1/)'\n",
        "one.png": b"\x89",
        "text.png": b"a" * 10_000,
        "zeros.png": b"\0" * 10_000,
    }.items():
        yield Hostile("no picture", name, content, _UNKNOWN)
    yield Hostile("no picture", "signature.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, _DAMAGED)
    yield Hostile("no picture", "empty.png", b"", ("image.unsupported_type", "image.empty"))


def _metadata() -> Iterator[Hostile]:
    """EXIF and colour profiles that lie, loop and speak."""
    readable = ("", *_DAMAGED)
    jpeg = make_file(make_pixels(seed=3), "JPEG")
    header = b"Exif\0\0II*\0\x08\0\0\0"
    for name, body in {
        # One entry: a description that is a script.
        "script.jpg": struct.pack("<HHHII", 1, 0x010E, 2, len(SCRIPT), 26) + b"\0" * 4 + SCRIPT,
        # The next directory is this one.
        "loop.jpg": struct.pack("<HHHIII", 1, 0x0112, 3, 1, 1, 8),
        # The EXIF directory is this one, and so on.
        "nested-loop.jpg": struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 0),
        "far.jpg": struct.pack("<HHHIII", 1, 0x010E, 2, 2**31, 2**31 - 1, 0),
        "many.jpg": struct.pack("<H", 65535) + struct.pack("<HHII", 0x010E, 2, 2**31, 26) * 4000,
        "orientation.jpg": struct.pack("<HHHIII", 1, 0x0112, 3, 1, 2**31, 0),
    }.items():
        yield Hostile("metadata", f"exif-{name}", _with_segment(jpeg, b"\xff\xe1", header + body), readable)
    for name, profile in {
        "text": HTML,
        "sizes": struct.pack(">I", 2**31) + b"\0" * 32 + b"acsp" + b"\xff" * 200,
        "empty": b"",
    }.items():
        content = _with_segment(jpeg, b"\xff\xe2", b"ICC_PROFILE\0\x01\x01" + profile)
        yield Hostile("metadata", f"profile-{name}.jpg", content, readable)
    half = b"ICC_PROFILE\0\x05\xff" + b"x" * 100
    yield Hostile("metadata", "profile-parts.jpg", _with_segment(jpeg, b"\xff\xe2", half), readable)
    xmp = b"http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>" + SCRIPT
    yield Hostile("metadata", "xmp.jpg", _with_segment(jpeg, b"\xff\xe1", xmp), readable)
    yield Hostile("metadata", "loop.tif", tiff(8, 8, following=8), readable)


def _cut() -> Iterator[Hostile]:
    for kind in ("PNG", "JPEG", "WEBP", "TIFF", "BMP"):
        whole = make_file(make_pixels(seed=4), kind)
        for share in (0.02, 0.5, 0.98):
            content = whole[: max(12, int(len(whole) * share))]
            yield Hostile("cut", f"{share}.{kind.lower()}", content, ("", *_DAMAGED, *_UNKNOWN))


def _archives() -> Iterator[Hostile]:
    """Zips with a picture in order, so that it would be seen where anything of them is taken."""
    unsafe, kind = ("archive.unsafe_path",), "archive"
    for number, path in enumerate(
        (
            "../anymask-escaped.png",
            "a/../../anymask-escaped.png",
            "/tmp/anymask-escaped.png",
            "C:/anymask-escaped.png",
            "..\\anymask-escaped.png",
            "a\0b.png",
        )
    ):
        yield Hostile(kind, f"slip-{number}.zip", zip_of((path, make_file(), 0)), unsafe)
    link = (stat.S_IFLNK | 0o777) << 16
    yield Hostile(kind, "link.zip", zip_of(("a.png", b"/etc/passwd", link)), unsafe)
    through = zip_of(("a", b"/tmp", link), ("a/anymask-escaped.png", make_file(), 0))
    yield Hostile(kind, "through-a-link.zip", through, unsafe)
    for name, mode in {"device": stat.S_IFCHR, "pipe": stat.S_IFIFO, "setuid": stat.S_IFREG | 0o4777}.items():
        taken = zip_of((f"{name}.png", make_file(make_pixels(seed=5)), mode << 16))
        yield Hostile(kind, f"{name}.zip", taken, ("", *unsafe))
    twice = zip_of(("a.png", make_file(make_pixels(seed=6)), 0), ("a.png", make_file(make_pixels(seed=7)), 0))
    yield Hostile(kind, "twice.zip", twice, ("",))
    folder = zip_of(("a.png/", b"", 0), ("a.png", make_file(make_pixels(seed=8)), 0), ("a.png/b", HTML, 0))
    yield Hostile(kind, "folder.zip", folder, ("", *_UNKNOWN))
    inner = make_zip({"a.png": make_file(make_pixels(seed=9))})
    for _ in range(10):
        inner = make_zip({"inner.zip": inner})
    yield Hostile(kind, "nested.zip", inner, ("archive.nested",))
    bomb = make_zip({f"{number}.png": b"\0" * 2_000_000 for number in range(20)})
    yield Hostile(kind, "bomb.zip", bomb, ("archive.too_large",))
    yield Hostile(kind, "lie.zip", lying_zip(b"\0" * 20_000_000), ("archive.corrupt", *_UNKNOWN))
    yield Hostile(kind, "cut.zip", make_zip({"a.png": make_file()})[:-30], ("archive.corrupt",))
    yield Hostile(kind, "empty.zip", make_zip({}), ("", "archive.corrupt", "archive.empty"))
    many = make_zip({f"{number}.txt": b"" for number in range(3000)})
    yield Hostile(kind, "many.zip", many, ("archive.too_many_members",))


_UNKNOWN: Final = ("image.unsupported_type",)
_DAMAGED: Final = ("image.truncated", "image.corrupt")


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *more: bytes, rows: bytes | None = None) -> bytes:
    """A grey PNG with this header; its rows are those of 8 x 8 pixels where none are given."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 9 * 8) if rows is None else rows)
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + data + chunk(b"IEND", b"")


def tiff(width: int, height: int, *, following: int = 0) -> bytes:
    """A grey TIFF of one strip with this header; `following` is where it says that its next directory is."""
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 122),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 64),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", len(entries))
        + body
        + struct.pack("<I", following)
        + b"\0" * 64
    )


def _bmp(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 64, 0, 0, 54) + info + b"\0" * 64


def _with_segment(jpeg: bytes, marker: bytes, content: bytes) -> bytes:
    content = content[:65_533]
    return jpeg[:2] + marker + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def zip_of(*members: tuple[str, bytes, int]) -> bytes:
    """A zip of (name as it stands in the file, content, external attributes), whatever the names are."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of a name that is there already
        for number, (name, content, attributes) in enumerate(members):
            info = zipfile.ZipInfo(f"{number}")
            info.filename, info.external_attr = name, attributes
            archive.writestr(info, content)
    return buffer.getvalue()


def lying_zip(content: bytes) -> bytes:
    """Of one member, whose headers say that it is ten bytes long."""
    buffer = bytearray(make_zip({"a.png": content}))
    size = struct.pack("<I", len(content))
    at = buffer.find(size)
    while at >= 0:
        buffer[at : at + 4] = struct.pack("<I", 10)
        at = buffer.find(size, at)
    return bytes(buffer)
