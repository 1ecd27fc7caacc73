"""The files that a model artifact's manifest names, read from disk and kept in the storage."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from backend.common.errors import InvalidInput
from backend.common.storage import file_write


def file_of(manifest_path: Path, what: str, entry: Any) -> tuple[bytes, str]:
    """The bytes of the file that a manifest's entry names, and their SHA-256, which is the entry's.

    Raises InvalidInput `model.manifest_invalid` or `model.graph_mismatch`; `what` it is stands in the first.
    """
    name = entry.get("file") if isinstance(entry, dict) else None
    if not isinstance(name, str) or Path(name).name != name:
        raise manifest_invalid(manifest_path, f"its {what} is no file beside it")
    path = manifest_path.parent / name
    content = path.read_bytes() if path.is_file() else b""
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.get("sha256"):
        raise InvalidInput(
            f"{path} is not the file its manifest names.", "model.graph_mismatch", {"sha256": digest}
        )
    return content, digest


def file_keep(key: str, content: bytes) -> None:
    """Stores a file under a key that names its content, unless it is there."""
    if not default_storage.exists(key):
        file_write(key, content)


def manifest_invalid(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(f"{path} is no manifest this server can use: {reason}.", "model.manifest_invalid")
