"""Registering a checkpoint file as a model artifact: the published ones by their hash, others on request."""

from collections.abc import Sequence
from pathlib import Path

from models.sam.artifact import Artifact, write_artifact
from models.sam.errors import ModelError
from models.sam.manifest import sha256_file
from models.sam.published import OFFICIAL, OfficialCheckpoint

UNKNOWN_LICENCE = "not stated"


def official_checkpoint(name: str) -> OfficialCheckpoint:
    """The published checkpoint of model `name`; ModelError `checkpoint.not_published`."""
    for checkpoint in OFFICIAL:
        if checkpoint.name == name:
            return checkpoint
    known = ", ".join(checkpoint.name for checkpoint in OFFICIAL)
    raise ModelError(
        "checkpoint.not_published", f"No checkpoint is published for {name!r}; there are {known}."
    )


def identify_official(
    path: Path, official: Sequence[OfficialCheckpoint] = OFFICIAL
) -> OfficialCheckpoint | None:
    """The published checkpoint the file is, by size and SHA-256, or None. Nothing in it is interpreted."""
    size = path.stat().st_size
    candidates = [checkpoint for checkpoint in official if checkpoint.bytes == size]
    if not candidates:
        return None
    sha256 = sha256_file(path)
    return next((checkpoint for checkpoint in candidates if checkpoint.sha256 == sha256), None)


def register_checkpoint(
    path: Path,
    output: Path,
    *,
    name: str | None = None,
    allow_unknown_hash: bool = False,
    licence: str | None = None,
    timed_on: str | None = "cpu",
    official: Sequence[OfficialCheckpoint] = OFFICIAL,
) -> Artifact:
    """Check the checkpoint file `path` and write it as an artifact below `output`.

    Size and hash are compared with the published ones before anything is unpickled; other files (fine-tuned
    weights) need `allow_unknown_hash` and are recognised by their shapes unless `name` says what they are.
    `timed_on`: as for `write_artifact`.
    ModelError `checkpoint.missing`, `.wrong_size`, `.unknown_hash`, `.unreadable`, `.unsafe`,
    `.unrecognised`, `.mismatch`; nothing is registered then.
    """
    if not path.is_file():
        raise ModelError("checkpoint.missing", f"There is no file {path}.")
    known = identify_official(path, official)
    if known is not None:
        if name is not None and name != known.name:
            raise ModelError("checkpoint.mismatch", f"{path.name} is the published {known.name}, not {name}.")
        return write_artifact(known.name, path, output, licence=licence or known.licence, timed_on=timed_on)
    if not allow_unknown_hash:
        raise _unknown(path, official)
    if name is None:
        from models.sam.build import shapes_of
        from models.sam.weights import load_weights, recognise

        name = recognise(shapes_of(load_weights(path, lazily=True)))
    return write_artifact(name, path, output, licence=licence or UNKNOWN_LICENCE, timed_on=timed_on)


def _unknown(path: Path, official: Sequence[OfficialCheckpoint]) -> ModelError:
    size = path.stat().st_size
    for checkpoint in official:
        if path.name == checkpoint.file_name and size != checkpoint.bytes:
            return ModelError(
                "checkpoint.wrong_size",
                f"{path.name} has {size} bytes, the published file {checkpoint.bytes}: fetch it again.",
            )
    return ModelError(
        "checkpoint.unknown_hash",
        f"{path.name} is no published checkpoint by its SHA-256. For your own, add --allow-unknown-hash.",
    )
