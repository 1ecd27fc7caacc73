"""Downloading one large file over HTTP: resumes, shows progress, and trusts only the SHA-256."""

import hashlib
import http.client
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from models.sam.errors import ModelError

CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 30.0
ATTEMPTS = 5

Progress = Callable[[int, int], None]


def download_file(
    url: str,
    destination: Path,
    sha256: str,
    size: int,
    progress: Progress | None = None,
    pause_seconds: float = 1.0,
) -> Path:
    """Download `url` to `destination`, `size` bytes with that SHA-256; `progress(done, size)` is called as
    bytes come.

    Bytes go to `<destination>.part`, which a later call continues (HTTP Range). A broken connection is tried
    again. ModelError `download.failed` (unreachable or cut off; the part stays), `download.wrong_hash` (the
    part is deleted).
    """
    if destination.is_file() and destination.stat().st_size == size and _sha256(destination) == sha256:
        return destination
    destination.parent.mkdir(parents=True, exist_ok=True)
    part = destination.with_name(destination.name + ".part")
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(pause_seconds * 2 ** (attempt - 1))
        try:
            _continue(url, part, size, progress)
        except urllib.error.HTTPError as error:
            reason = f"the server answered {error.code}"
            if error.code < 500:
                break
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        if _size(part) >= size:
            break
        reason = reason or "the connection was cut off"
    if _size(part) < size:
        raise ModelError(
            "download.failed",
            f"{url} could not be fetched ({reason}; {_size(part)} of {size} bytes). Run it again to go on.",
        )
    if part.stat().st_size != size or _sha256(part) != sha256:
        part.unlink()
        raise ModelError("download.wrong_hash", f"What {url} sent is not the expected file; it was deleted.")
    part.replace(destination)
    return destination


def progress_bar(done: int, size: int) -> None:
    """One line on standard error, redrawn: share, bar and MiB."""
    filled = 30 * done // size
    bar = "#" * filled + "-" * (30 - filled)
    end = "\n" if done >= size else ""
    sys.stderr.write(f"\r[{bar}] {100 * done // size:3d} %  {done >> 20} / {size >> 20} MiB{end}")
    sys.stderr.flush()


def _continue(url: str, part: Path, size: int, progress: Progress | None) -> None:
    """Append what is missing of `part`; raises what urllib raises."""
    have = _size(part)
    if have >= size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # nosec B310 # hash checked
        sent_range = response.headers.get("Content-Range", "")
        resumed = response.status == 206 and sent_range.startswith(f"bytes {have}-")
        if not resumed:
            have = 0  # a server without ranges sends everything again
        with part.open("ab" if resumed else "wb") as file:
            while have < size and (chunk := response.read(min(CHUNK_BYTES, size - have))):
                file.write(chunk)
                have += len(chunk)
                if progress is not None:
                    progress(have, size)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
