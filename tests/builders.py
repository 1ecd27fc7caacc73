"""Rows and files for tests, made by the real services with as little said as possible."""

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from django.core.files.uploadedfile import SimpleUploadedFile
from pycocotools import mask as coco_mask

from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.images.services import image_create
from backend.projects.models import Project
from backend.projects.services import project_create
from backend.users.models import User
from backend.users.services import user_create

ORIENTATION = 0x0112


def make_user(username: str = "ada", **fields: Any) -> User:
    return user_create(username=username, password="correct horse battery", **fields)


def make_manifest(name: str = "tiny", version: str = "0123456789ab") -> dict[str, Any]:
    """A manifest as ARCHITECTURE.md section 4 has it, of the tiny model's sizes."""
    return {
        "format": 1,
        "name": name,
        "version": version,
        "architecture": name,
        "image_size": 256,
        "embedding_shape": [1, 64, 16, 16],
        "embedding_dtype": "float16",
        "low_res_size": [64, 64],
        "mask_threshold": 0.0,
        "stability_offset": 1.0,
        "pixel_mean": [123.675, 116.28, 103.53],
        "pixel_std": [58.395, 57.12, 57.375],
        "weights": {"file": "weights.safetensors", "sha256": version, "bytes": 1},
        "decoder": {"file": "decoder.onnx", "sha256": "0", "bytes": 1, "opset": 17, "signature": "low_res"},
        "parameters": 1,
        "licence": "Apache-2.0",
        "metrics": {},
    }


def make_model(name: str = "tiny", version: str = "0123456789ab", *, is_default: bool = True) -> ModelVersion:
    existing = ModelVersion.objects.filter(name=name, version=version).first()
    return existing or ModelVersion.objects.create(
        name=name,
        version=version,
        manifest=make_manifest(name, version),
        decoder_key="models/none.onnx",
        decoder_sha256="0" * 64,
        decoder_bytes=1,
        is_default=is_default,
    )


def make_project(owner: User | None = None, name: str = "Cats") -> Project:
    make_model()
    return project_create(owner=owner or make_user(f"user-{uuid.uuid4().hex[:8]}"), name=name)


def make_pixels(width: int = 40, height: int = 30, seed: int = 0) -> PIL.Image.Image:
    """A picture unlike any other seed's: a smooth slope with noise, so that every corner differs."""
    noise = np.random.default_rng(seed).integers(0, 60, (height, width, 3))
    slope = np.linspace(0, 150, width)[None, :, None] + np.linspace(0, 45, height)[:, None, None]
    return PIL.Image.fromarray((noise + slope).astype(np.uint8))


def make_file(
    image: PIL.Image.Image | None = None, kind: str = "PNG", *, orientation: int | None = None, **options: Any
) -> bytes:
    """The picture as the bytes of a file of format `kind`, with an EXIF orientation when one is given."""
    buffer = io.BytesIO()
    if orientation is not None:
        exif = PIL.Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    (image or make_pixels()).save(buffer, kind, **options)
    return buffer.getvalue()


def make_zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_image(project: Project, *, seed: int = 0, name: str = "a.png", **size: int) -> Image:
    content = make_file(make_pixels(seed=seed, **size))
    image, _ = image_create(project=project, user=None, file=io.BytesIO(content), file_name=name)
    return image


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def encode_mask(mask: np.ndarray) -> dict[str, Any]:
    """Bool [H, W] as COCO's {"size", "counts"} by pycocotools."""
    packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [int(side) for side in packed["size"]], "counts": packed["counts"].decode()}


def make_mask_body(image: Image, label_id: int, **fields: Any) -> dict[str, Any]:
    """What a browser posts for a 10 x 5 box at (3, 4)."""
    mask = np.zeros((image.height, image.width), bool)
    mask[4:9, 3:13] = True
    return {
        "id": str(uuid.uuid4()),
        "label": label_id,
        "segmentation": encode_mask(mask),
        "prompts": {"points": [[5.5, 6.5, 1]], "box": None, "candidate": 1},
        "model": "tiny@0123456789ab",
        "predicted_iou": 0.91,
        "stability_score": 0.97,
        "stage": "assisted_manual",
        "seconds_spent": 3.25,
    } | fields


def stored_files(folder: Path) -> list[Path]:
    """All files below the storage's folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
