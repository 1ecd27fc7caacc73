"""The official SAM checkpoints, and registering a checkpoint file as a model artifact.

Names, sizes and hashes: several public projects pin the same values; Meta itself publishes no SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.sam.artifact import Artifact, write_artifact
from models.sam.errors import ModelError
from models.sam.manifest import sha256_file

BASE_URL = "https://dl.fbaipublicfiles.com/segment_anything"
UNKNOWN_LICENCE = "not stated"


@dataclass(frozen=True)
class OfficialCheckpoint:
    """A published file: registry name, file name, address, size in bytes, SHA-256 in hex."""

    name: str
    file_name: str
    url: str
    bytes: int
    sha256: str


OFFICIAL = (
    OfficialCheckpoint(
        "vit_b",
        "sam_vit_b_01ec64.pth",
        f"{BASE_URL}/sam_vit_b_01ec64.pth",
        375_042_383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    OfficialCheckpoint(
        "vit_l",
        "sam_vit_l_0b3195.pth",
        f"{BASE_URL}/sam_vit_l_0b3195.pth",
        1_249_524_607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    ),
    OfficialCheckpoint(
        "vit_h",
        "sam_vit_h_4b8939.pth",
        f"{BASE_URL}/sam_vit_h_4b8939.pth",
        2_564_550_879,
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
    ),
)


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
    official: Sequence[OfficialCheckpoint] = OFFICIAL,
) -> Artifact:
    """Check the checkpoint file `path` and write it as an artifact below `output`.

    Size and hash are compared with the published ones before anything is unpickled; other files (fine-tuned
    weights) need `allow_unknown_hash` and are recognised by their shapes unless `name` says what they are.
    ModelError `checkpoint.missing`, `.wrong_size`, `.unknown_hash`, `.unreadable`, `.unsafe`,
    `.unrecognised`, `.mismatch`; nothing is registered then.
    """
    if not path.is_file():
        raise ModelError("checkpoint.missing", f"There is no file {path}.")
    known = identify_official(path, official)
    if known is not None:
        if name is not None and name != known.name:
            raise ModelError("checkpoint.mismatch", f"{path.name} is the published {known.name}, not {name}.")
        return write_artifact(known.name, path, output, licence=licence)
    if not allow_unknown_hash:
        raise _unknown(path, official)
    if name is None:
        from models.sam.build import shapes_of
        from models.sam.weights import load_weights, recognise

        name = recognise(shapes_of(load_weights(path, lazily=True)))
    return write_artifact(name, path, output, licence=licence or UNKNOWN_LICENCE)


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
