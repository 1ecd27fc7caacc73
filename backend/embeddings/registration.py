"""Makes the artifacts in a folder known to the web: manifest checked, decoder stored, row written. No
torch.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction

from backend.common.errors import InvalidInput, NotFound
from backend.common.storage import file_write
from backend.embeddings.models import ModelVersion

logger = logging.getLogger("anymask.models")

FORMAT: Final = 1
SIGNATURE: Final = "low_res"
_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "name": str,
    "version": str,
    "image_size": int,
    "embedding_shape": list,
    "embedding_dtype": str,
    "low_res_size": list,
    "mask_threshold": (int, float),
    "stability_offset": (int, float),
    "pixel_mean": list,
    "pixel_std": list,
    "decoder": dict,
}


def artifact_folders(models_dir: Path) -> Iterator[Path]:
    """Folders <name>/<version> with a manifest, in the order of their names."""
    for manifest in sorted(models_dir.glob("*/*/manifest.json")):
        if not manifest.parent.name.startswith("."):
            yield manifest.parent


def model_version_register(*, folder: Path) -> tuple[ModelVersion, bool]:
    """The row of the artifact in `folder` and whether it is new. Run again, it changes nothing.

    Raises InvalidInput `model.manifest_invalid` or `model.decoder_corrupt`.
    """
    manifest = _manifest(folder)
    entry = manifest["decoder"]
    content = _decoder(folder, entry)
    key = f"models/{manifest['name']}/{manifest['version']}/{entry['sha256'][:16]}.onnx"
    if not default_storage.exists(key):
        file_write(key, content)
    version, is_new = ModelVersion.objects.update_or_create(
        name=manifest["name"],
        version=manifest["version"],
        defaults={
            "manifest": manifest,
            "decoder_key": key,
            "decoder_sha256": entry["sha256"],
            "decoder_bytes": len(content),
        },
    )
    logger.info("model_registered model=%s new=%s", version, is_new)
    return version, is_new


@transaction.atomic
def model_version_set_default(*, name: str) -> ModelVersion:
    """Makes the newest registered version of `name` the one new projects start with.

    Raises NotFound `model.not_found`.
    """
    newest = ModelVersion.objects.filter(name=name).order_by("-pk").first()
    if newest is None:
        raise NotFound(f"No version of {name!r} is registered.", "model.not_found")
    ModelVersion.objects.filter(is_default=True).exclude(pk=newest.pk).update(is_default=False)
    newest.is_default = True
    newest.save(update_fields=["is_default"])
    return newest


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _invalid(path, str(error)) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _invalid(path, f"its format is not {FORMAT}")
    for name, kind in _KINDS.items():
        if not isinstance(manifest.get(name), kind):
            raise _invalid(path, f"{name} is missing or of the wrong kind")
    if (manifest["name"], manifest["version"]) != (folder.parent.name, folder.name):
        raise _invalid(path, "name and version differ from its folder's")
    if manifest["embedding_dtype"] != "float16" or manifest["decoder"].get("signature") != SIGNATURE:
        raise _invalid(path, f"embeddings must be float16 and the decoder's signature {SIGNATURE}")
    return manifest


def _decoder(folder: Path, entry: dict[str, Any]) -> bytes:
    name, digest = entry.get("file"), entry.get("sha256")
    if not isinstance(name, str) or not isinstance(digest, str) or Path(name).name != name:
        raise _invalid(folder / "manifest.json", "decoder names no file in its folder")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{folder / name} cannot be read: {error}", "model.decoder_corrupt") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise InvalidInput(f"{folder / name} differs from its manifest.", "model.decoder_corrupt")
    return content


def _invalid(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(f"{path} is no manifest this server can use: {reason}.", "model.manifest_invalid")
