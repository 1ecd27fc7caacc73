"""Turns `STORAGE_URL` into Django's STORAGES entry."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from backend.config.variables import SettingError

_S3_OPTIONS = {"endpoint_url", "region_name", "access_key", "secret_key", "addressing_style"}


def storage_entry(url: str, data_dir: Path, bucket: str = "") -> dict[str, Any]:
    """STORAGES["default"] for a folder path, `file:///path` or `s3://bucket/prefix?endpoint_url=...`.

    An empty url means the bucket of django-storages' own `AWS_*` settings when one is named, else `data_dir/files`.
    Raises SettingError for another scheme or an unknown option, naming it.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        name, prefix, options = bucket_named(url, "STORAGE_URL")
        return _s3(bucket_name=name, location=prefix, **options)
    if parts.scheme not in ("", "file"):
        raise SettingError(f"STORAGE_URL has the scheme {parts.scheme!r}; use a folder path or s3://")
    if not url and bucket:
        return _s3(bucket_name=bucket)
    folder = unquote(parts.path) if parts.scheme == "file" else url
    location = Path(folder).expanduser().resolve() if folder else data_dir / "files"
    return {
        "BACKEND": "backend.common.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": str(location), "base_url": None},
    }


def bucket_named(url: str, knob: str) -> tuple[str, str, dict[str, str]]:
    """Bucket, prefix and options of `s3://bucket/prefix?endpoint_url=...`. Raises SettingError, naming the `knob`, where
    it is none or has an unknown option."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise SettingError(f"{knob} names no bucket: s3://bucket/prefix")
    try:
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError as error:
        raise SettingError(f"{knob} has options that are none: ?name=value&name=value") from error
    if unknown := sorted(set(options) - _S3_OPTIONS):
        raise SettingError(f"{knob} has unknown options {unknown}; known: {sorted(_S3_OPTIONS)}")
    return parts.netloc, unquote(parts.path.strip("/")), options


def _s3(**options: str) -> dict[str, Any]:
    # Keys name their content, so writing one twice must replace it and never make a renamed second copy.
    fixed = {"file_overwrite": True, "querystring_auth": True, "default_acl": None}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": fixed | options}
