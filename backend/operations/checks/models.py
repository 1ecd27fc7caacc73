"""The files of registered models: those the server hands out, in the storage, and those workers read, in MODELS_DIR."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from backend.common.errors import ApplicationError, NotFound
from backend.common.storage import file_open, file_write
from backend.embeddings.artifact_files import file_of
from backend.embeddings.models import ModelVersion
from backend.embeddings.registration import GRAPHS, manifests_find, model_version_register
from backend.operations.findings import Check, Finding, examples, failed, ok, warning


@dataclass(frozen=True)
class _Stored:
    """A file that the server hands out."""

    version: ModelVersion
    # As the manifest calls it.
    name: str
    key: str
    sha256: str


def look() -> Finding:
    versions = list(ModelVersion.objects.order_by("pk"))
    damaged = [f"{one.key} (storage)" for one in _stored_damaged(versions)]
    damaged += [f"{path} (MODELS_DIR)" for path in _artifacts_damaged(versions)]
    if damaged:
        return failed(
            f"{len(damaged)} files of models are missing or are not what was registered: {examples(damaged)}",
            count=len(damaged),
            advice="--repair brings back what the storage lacks; export or restore what MODELS_DIR lacks",
        )
    unknown = [str(path) for path in _unregistered(versions)]
    if unknown:
        return warning(
            f"{len(unknown)} models are not registered: {examples(unknown)}",
            count=len(unknown),
            advice="run `manage.py register_models`, or --repair",
        )
    return ok(f"{len(versions)} models have all their files, as they were registered")


def mend() -> str:
    """Writes to the storage what the artifacts have of it, and registers those that are not."""
    versions = list(ModelVersion.objects.order_by("pk"))
    written = sum(_write_again(one) for one in _stored_damaged(versions))
    registered, refused = 0, []
    for path in _unregistered(versions):
        try:
            model_version_register(manifest_path=path)
            registered += 1
        except ApplicationError as error:
            refused.append(error.message)
    said = f"{written} files written to the storage again, {registered} models registered"
    return "; ".join([said, *refused])


def _folder(version: ModelVersion) -> Path:
    return Path(settings.MODELS_DIR) / version.name / version.version


def _stored(version: ModelVersion) -> Iterator[_Stored]:
    if version.has_graphs:
        for name in GRAPHS:
            key, sha256 = getattr(version, f"{name}_key"), getattr(version, f"{name}_sha256")
            yield _Stored(version, name, key, sha256)
    for name, file in version.text_files.items():
        yield _Stored(version, name, file["key"], file["sha256"])


def _stored_damaged(versions: list[ModelVersion]) -> Iterator[_Stored]:
    seen: dict[str, bool] = {}
    for version in versions:
        for one in _stored(version):
            # Versions share the files of their text encoder.
            if one.key not in seen:
                seen[one.key] = _stored_sha256(one.key) == one.sha256
            if not seen[one.key]:
                yield one


def _stored_sha256(key: str) -> str:
    """Of the file in the storage; empty where there is none."""
    try:
        with file_open(key) as file:
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
    except NotFound:
        return ""
    return digest.hexdigest()


def _artifacts_damaged(versions: list[ModelVersion]) -> Iterator[Path]:
    for version in versions:
        folder = _folder(version)
        if not (folder / "manifest.json").is_file():
            yield folder / "manifest.json"
        for entry in _entries(version.manifest).values():
            path = folder / Path(entry["file"]).name
            if not path.is_file() or _sha256(path) != entry["sha256"]:
                yield path


def _entries(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a manifest says of files, wherever it says it, by the name it has there."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in manifest.items():
        if isinstance(value, dict) and {"file", "sha256"} <= set(value):
            found[name] = value
        elif isinstance(value, dict):
            found |= _entries(value)
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unregistered(versions: list[ModelVersion]) -> list[Path]:
    known = {(version.name, version.version) for version in versions}
    paths = manifests_find(models_dir=Path(settings.MODELS_DIR))
    return [path for path in paths if (path.parent.parent.name, path.parent.name) not in known]


def _write_again(stored: _Stored) -> bool:
    """Whether the artifact still had the file."""
    entry = _entries(stored.version.manifest).get(stored.name)
    try:
        content, digest = file_of(_folder(stored.version) / "manifest.json", stored.name, entry)
    except ApplicationError:
        return False
    if digest != stored.sha256:
        return False
    file_write(stored.key, content)
    return True


CHECK = Check("models", look, mend)
