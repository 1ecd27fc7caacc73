"""Writing and loading model artifacts: <output>/<name>/<version>/{manifest.json, weights, decoder.onnx}.

A version is the first 12 hex digits of the weights file's SHA-256, so the same weights are never exported
twice. torch is imported only when there is something to export or load.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from models.sam.errors import ModelError
from models.sam.manifest import (
    DecoderEntry,
    FileEntry,
    Manifest,
    describe_file,
    read_manifest,
    sha256_file,
    verify_file,
)

if TYPE_CHECKING:
    from models.sam.modeling.sam import Sam

DECODER_FILE = "decoder.onnx"
DEFAULT_LICENCE = "Apache-2.0"
SHIPPED_WEIGHTS = Path(__file__).resolve().parent.parent / "weights"


@dataclass(frozen=True)
class Artifact:
    """An artifact on disk.

    `max_difference` of low-res logits, torch against onnxruntime, is known only when just `created`.
    """

    folder: Path
    manifest: Manifest
    created: bool
    max_difference: float | None = None


def shipped_weights(name: str) -> Path:
    """Path of the weights that ship with the project for model `name`; ModelError `weights.not_shipped`."""
    path = SHIPPED_WEIGHTS / f"{name}.safetensors"
    if not path.is_file():
        raise ModelError("weights.not_shipped", f"No weights ship for {name}: name a file with --weights.")
    return path


def find_artifact(output: Path, name: str, weights_sha256: str) -> Artifact | None:
    """The artifact of these weights if it is there and every file matches its manifest."""
    folder = output / name / weights_sha256[:12]
    try:
        manifest = read_manifest(folder)
        for entry in (manifest.weights, manifest.decoder):
            verify_file(folder, entry)
    except ModelError:
        return None
    return Artifact(folder, manifest, created=False) if manifest.weights.sha256 == weights_sha256 else None


def write_artifact(
    name: str, weights: Path, output: Path, *, licence: str | None = None, force: bool = False
) -> Artifact:
    """The artifact of model `name` with the weights in file `weights` below `output`.

    An existing, intact one is answered as it is unless `force`. Otherwise all files are made in a temporary
    folder that is renamed at the end: a failure (ModelError) leaves nothing behind.
    """
    if not weights.is_file():
        raise ModelError("checkpoint.missing", f"There is no file {weights}.")
    sha256 = sha256_file(weights)
    existing = None if force else find_artifact(output, name, sha256)
    if existing is not None:
        return existing
    parent = output / name
    parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=".making-", dir=parent))
    try:
        manifest, difference = _fill(temporary, name, weights, sha256, licence)
        temporary.chmod(0o755)
        folder = parent / manifest.version
        _put_in_place(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        if not any(parent.iterdir()):
            parent.rmdir()
        raise
    return Artifact(folder, manifest, created=True, max_difference=difference)


def load_artifact(folder: Path, device: str = "cpu") -> Sam:
    """The model of the artifact in `folder`, in eval mode on `device`.

    ModelError `artifact.missing`, `artifact.corrupt` (weights differ from the manifest), `manifest.invalid`,
    or what reading the weights raises.
    """
    from models.sam.build import MODELS, sam_from_state_dict
    from models.sam.weights import check_shapes, load_weights, shapes_of

    manifest = read_manifest(folder)
    if manifest.architecture not in MODELS:
        raise ModelError("artifact.unknown", f"Architecture {manifest.architecture!r} is unknown here.")
    state = load_weights(verify_file(folder, manifest.weights))
    check_shapes(manifest.architecture, shapes_of(state))
    return sam_from_state_dict(manifest.architecture, state).to(device).eval()


def _fill(folder: Path, name: str, weights: Path, sha256: str, licence: str | None) -> tuple[Manifest, float]:
    """Write all files of the artifact into `folder`."""
    from models.sam.build import model_config, sam_from_state_dict
    from models.sam.modeling.sam import PIXEL_MEAN, PIXEL_STD
    from models.sam.onnx import OPSET, STABILITY_OFFSET, export_decoder, max_low_res_difference
    from models.sam.weights import check_shapes, load_weights, shapes_of, weights_metadata

    config = model_config(name)
    state = load_weights(weights)
    check_shapes(name, shapes_of(state))
    stored = folder / f"weights{weights.suffix}"
    shutil.copyfile(weights, stored)
    entry = describe_file(stored)
    if entry.sha256 != sha256:
        raise ModelError("checkpoint.changed", f"{weights} changed while it was read: try again.")
    noted = weights_metadata(stored)
    sam = sam_from_state_dict(name, state).eval()
    export_decoder(sam, folder / DECODER_FILE)
    difference = max_low_res_difference(sam, folder / DECODER_FILE)
    decoder: FileEntry = describe_file(folder / DECODER_FILE)
    manifest = Manifest(
        name=name,
        version=sha256[:12],
        architecture=name,
        image_size=config.image_size,
        embedding_shape=list(config.embedding_shape),
        low_res_size=list(config.low_res_size),
        mask_threshold=sam.mask_threshold,
        stability_offset=STABILITY_OFFSET,
        pixel_mean=list(PIXEL_MEAN),
        pixel_std=list(PIXEL_STD),
        weights=entry,
        decoder=DecoderEntry(decoder.file, decoder.sha256, decoder.bytes, OPSET, "low_res"),
        parameters=sum(parameter.numel() for parameter in sam.parameters()),
        licence=licence or noted.get("licence", DEFAULT_LICENCE),
        metrics=noted.get("metrics", {}),
    )
    manifest.write(folder)
    return manifest, difference


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Rename `temporary` to `folder`; a broken or older artifact there is replaced."""
    if folder.exists():
        old = Path(mkdtemp(prefix=".old-", dir=folder.parent))
        folder.rename(old / folder.name)
        temporary.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        temporary.rename(folder)
