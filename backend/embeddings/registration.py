"""Model artifacts on disk become rows: what `manage.py register_models` does. No torch is needed to read a manifest."""

import json
import logging
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from backend.common.errors import InvalidInput
from backend.embeddings.artifact_files import file_keep, file_of, manifest_invalid
from backend.embeddings.models import ModelVersion
from backend.embeddings.text_registration import text_files_keep

logger = logging.getLogger("anymask.models")

FORMAT: Final = 2
GRAPHS: Final = ("prepare", "click")
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
    "graphs": dict,
}


def manifests_find(*, models_dir: Path) -> list[Path]:
    """Paths of all `<name>/<version>/manifest.json`, oldest first so that the newest becomes the default."""
    found = (path for path in models_dir.glob("*/*/manifest.json") if not path.parent.name.startswith("."))
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, str(path)))


def model_version_register(*, manifest_path: Path) -> tuple[ModelVersion, bool]:
    """The row of the artifact and whether it is new. Run again, it changes nothing but what was lost or exported anew.

    Raises InvalidInput `model.manifest_invalid`, `model.format_old` or `model.graph_mismatch`, naming the file.
    """
    manifest = _manifest_read(manifest_path)
    fields: dict[str, Any] = {"manifest": manifest}
    for graph in GRAPHS:
        content, digest = file_of(manifest_path, f"graph {graph}", manifest["graphs"].get(graph))
        key = f"models/{manifest['name']}/{manifest['version']}/{graph}-{digest[:12]}.onnx"
        file_keep(key, content)
        fields |= {f"{graph}_key": key, f"{graph}_sha256": digest, f"{graph}_bytes": len(content)}
    fields["text_files"] = text_files_keep(manifest_path, manifest.get("text"))
    version, is_new = ModelVersion.objects.update_or_create(
        name=manifest["name"], version=manifest["version"], defaults=fields
    )
    logger.info("model_registered model=%s new=%s", version, is_new)
    return version, is_new


@transaction.atomic
def model_version_make_default(*, model_version: ModelVersion) -> None:
    """New projects start with this one. Projects that exist keep theirs."""
    ModelVersion.objects.filter(is_default=True).exclude(pk=model_version.pk).update(is_default=False)
    ModelVersion.objects.filter(pk=model_version.pk).update(is_default=True)


def _manifest_read(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise manifest_invalid(path, str(error)) from error
    if not isinstance(manifest, dict) or manifest.get("format") not in (1, FORMAT):
        raise manifest_invalid(path, f"its format is not {FORMAT}")
    if manifest["format"] != FORMAT:
        raise InvalidInput(
            f"{path} is of format {manifest['format']}, whose decoder is one graph: export the model again "
            "(python -m models.cli.export_decoder, or register_checkpoint for a checkpoint).",
            "model.format_old",
        )
    for name, kind in _KINDS.items():
        if not isinstance(manifest.get(name), kind):
            raise manifest_invalid(path, f"{name} is missing or of the wrong kind")
    if (manifest["name"], manifest["version"]) != (path.parent.parent.name, path.parent.name):
        raise manifest_invalid(path, "name and version differ from its folder's")
    if manifest["embedding_dtype"] != "float16":
        raise manifest_invalid(path, "embeddings must be float16")
    return manifest
