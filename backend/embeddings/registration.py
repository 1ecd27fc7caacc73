"""Model artifacts on disk become rows: what `manage.py register_models` does. No torch is needed to read a manifest."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from django.db import transaction

from backend.common.errors import InvalidInput
from backend.common.storage import file_write
from backend.embeddings.models import ModelVersion

logger = logging.getLogger("anymask.models")

_NEEDED = ("name", "version", "image_size", "embedding_shape", "low_res_size", "mask_threshold", "decoder")


def manifests_find(*, models_dir: Path) -> list[Path]:
    """Paths of all `<name>/<version>/manifest.json`, oldest first so that the newest becomes the default."""
    found = (path for path in models_dir.glob("*/*/manifest.json") if not path.parent.name.startswith("."))
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, str(path)))


@transaction.atomic
def model_version_register(*, manifest_path: Path) -> tuple[ModelVersion, bool]:
    """Stores the decoder and makes the row: (row, True), or (the one already here, False).

    Raises InvalidInput `model.manifest_invalid` or `model.decoder_mismatch`, naming the file.
    """
    manifest = _manifest_read(manifest_path)
    present = ModelVersion.objects.filter(name=manifest["name"], version=manifest["version"]).first()
    if present is not None:
        return present, False
    decoder_path = manifest_path.parent / Path(manifest["decoder"]["file"]).name
    content = decoder_path.read_bytes() if decoder_path.is_file() else b""
    digest = hashlib.sha256(content).hexdigest()
    if digest != manifest["decoder"]["sha256"]:
        raise InvalidInput(
            f"{decoder_path} is not the decoder its manifest names.",
            "model.decoder_mismatch",
            {"sha256": digest},
        )
    key = f"models/{manifest['name']}/{manifest['version']}/decoder-{digest[:12]}.onnx"
    file_write(key, content)
    version = ModelVersion.objects.create(
        name=manifest["name"],
        version=manifest["version"],
        manifest=manifest,
        decoder_key=key,
        decoder_sha256=digest,
        decoder_bytes=len(content),
    )
    logger.info("model_registered model=%s", version)
    return version, True


@transaction.atomic
def model_version_make_default(*, model_version: ModelVersion) -> None:
    """New projects start with this one. Projects that exist keep theirs."""
    ModelVersion.objects.filter(is_default=True).exclude(pk=model_version.pk).update(is_default=False)
    ModelVersion.objects.filter(pk=model_version.pk).update(is_default=True)


def _manifest_read(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON.", "model.manifest_invalid") from error
    missing = [key for key in _NEEDED if not isinstance(manifest, dict) or key not in manifest]
    if missing:
        raise InvalidInput(f"{path} lacks {', '.join(missing)}.", "model.manifest_invalid")
    return dict(manifest)
