"""Turns `IMPORT_ROOTS` and `IMPORT_S3` into the places that data sets may be imported from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.config.storages import bucket_named
from backend.config.variables import SettingError


def import_places(folders: Sequence[str], buckets: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By the name people see, the last part of a folder's path or of `s3://bucket/prefix?endpoint_url=...`: `folder`,
    or `bucket`, `prefix` and `options` of the client.

    Raises SettingError for a folder that is no absolute path, another scheme, an unknown option, a name that two have.
    """
    places: dict[str, dict[str, Any]] = {}
    found = [_folder(text) for text in filter(None, folders)] + [
        _bucket(url) for url in filter(None, buckets)
    ]
    for name, place in found:
        if not name or name in places:
            raise SettingError(f"Two places to import from are called {name!r}: IMPORT_ROOTS, IMPORT_S3")
        places[name] = place
    return places


def _folder(text: str) -> tuple[str, dict[str, Any]]:
    path = Path(text)
    if not path.is_absolute():
        raise SettingError(f"IMPORT_ROOTS has {text!r}, which is no absolute path")
    return path.name, {"folder": path.resolve()}


def _bucket(url: str) -> tuple[str, dict[str, Any]]:
    bucket, prefix, options = bucket_named(url, "IMPORT_S3")
    name = prefix.rpartition("/")[2] or bucket
    return name, {"bucket": bucket, "prefix": f"{prefix}/" if prefix else "", "options": options}
