"""Answers made of stored files: conditional, partial, cacheable."""

import re
from collections.abc import Iterator

from django.core.files.base import File
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags

from backend.common.storage import file_open

# No file has a length of more digits, and Python refuses to read thousands of them.
_DIGITS = 18
_RANGE = re.compile(rf"^bytes=([0-9]{{0,{_DIGITS}}})-([0-9]{{0,{_DIGITS}}})$")
_CHUNK = 256 * 1024


def file_response(
    request: HttpRequest, *, key: str, etag: str, media_type: str, byte_size: int, immutable: bool
) -> HttpResponseBase:
    """The stored file as an answer to `request`: 304 for a known ETag, 206 or 416 for a single byte range, else 200.

    `immutable` says the url names this very content, so browsers may keep it for a year; otherwise they ask each time.
    Raises NotFound `file.missing`.
    """
    tag = f'"{etag}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable" if immutable else "private, no-cache",
    }
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if tag in known or known == ["*"]:
        return HttpResponse(status=304, headers=headers)

    span = _requested_span(request, tag, byte_size)
    if span == ():
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{byte_size}"})
    first, last = span or (0, byte_size - 1)
    headers["Content-Length"] = str(last - first + 1)
    if span is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{byte_size}"
    body = iter(()) if request.method == "HEAD" else _begun(_chunks(file_open(key), first, last))
    return StreamingHttpResponse(
        body, status=200 if span is None else 206, content_type=media_type, headers=headers
    )


def is_first_part(answer: HttpResponseBase) -> bool:
    """Whether an answer of `file_response` carries the file's beginning: once in a download of any number of parts."""
    return answer.status_code == 200 or answer.get("Content-Range", "").startswith("bytes 0-")


def _requested_span(request: HttpRequest, tag: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """(first, last) byte, () when it cannot be satisfied, None when the whole file is to be sent.

    Several ranges, other units and malformed headers are ignored, as RFC 9110 section 14.2 allows.
    """
    match = _RANGE.match(request.headers.get("Range", ""))
    if match is None or match.groups() == ("", ""):
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    start, end = match.groups()
    if not start:
        length = min(int(end), size)
        return (size - length, size - 1) if length else ()
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return None
    return (first, last) if first < size else ()


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same, of which the first piece is read already: what a bucket refuses is a refusal then, and no answer that
    breaks off."""
    return _joined(next(chunks, b""), chunks)


def _joined(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _chunks(file: "File[bytes]", first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
