"""Pictures, files, rows and request bodies for tests, made by the real services with as little said as possible."""

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from pycocotools import mask as coco_mask

ORIENTATION = 0x0112  # the EXIF tag


def make_pixels(width: int = 40, height: int = 30, seed: int = 0) -> PIL.Image.Image:
    """A picture unlike any other seed's: a smooth slope with noise, so that every corner differs."""
    noise = np.random.default_rng(seed).integers(0, 60, (height, width, 3))
    slope = np.linspace(0, 150, width)[None, :, None] + np.linspace(0, 45, height)[:, None, None]
    return PIL.Image.fromarray((noise + slope).astype(np.uint8))


def make_file(
    picture: PIL.Image.Image | None = None,
    kind: str = "PNG",
    *,
    orientation: int | None = None,
    **options: Any,
) -> bytes:
    """The picture as the bytes of a file of format `kind`, with an EXIF orientation when one is given."""
    buffer = io.BytesIO()
    if orientation is not None:
        exif = PIL.Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    (picture or make_pixels()).save(buffer, kind, **options)
    return buffer.getvalue()


def make_zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_image(project: Any, *, seed: int = 0, name: str = "a.png", **size: int) -> Any:
    """An image of the project, its embedding queued."""
    from backend.images.services import image_create

    content = make_file(make_pixels(seed=seed, **size))
    image, _ = image_create(project=project, user=None, file=io.BytesIO(content), file_name=name)
    return image


def encode_mask(mask: np.ndarray) -> dict[str, Any]:
    """COCO's own encoding of a boolean [H, W] mask, as JSON carries it."""
    packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [int(side) for side in packed["size"]], "counts": packed["counts"].decode()}


def rectangle(height: int, width: int, top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """A mask [height, width] with rows top..bottom-1 and columns left..right-1 set."""
    mask = np.zeros((height, width), bool)
    mask[top:bottom, left:right] = True
    return mask


def make_mask_body(image: Any, label_id: int, **fields: Any) -> dict[str, Any]:
    """What a browser posts for a box 10 wide and 5 high at (3, 4)."""
    return {
        "id": str(uuid.uuid4()),
        "label": label_id,
        "segmentation": encode_mask(rectangle(image.height, image.width, 4, 3, 9, 13)),
        "prompts": {"points": [[5.5, 6.5, 1]], "box": None, "candidate": 1},
        "model": str(image.project.model),
        "predicted_iou": 0.91,
        "stability_score": 0.97,
        "stage": "assisted_manual",
        "seconds_spent": 3.25,
    } | fields


def stored_files(folder: Path) -> list[Path]:
    """All files below the storage's folder but the registered models, which are there before a test begins."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if path.relative_to(folder).parts[0] != "models")


def make_found(
    image: Any, top: int = 12, left: int = 14, bottom: int = 20, right: int = 30, **fields: Any
) -> Any:
    """What the generator records of a rectangle, by its middle."""
    from backend.proposals.storing import Found

    mask = rectangle(image.height, image.width, top, left, bottom, right)
    return Found(
        **{
            "counts": encode_mask(mask)["counts"],
            "predicted_iou": 0.9,
            "stability_score": 0.95,
            "point": ((left + right) / 2, (top + bottom) / 2),
            "crop_box": (0, 0, image.width, image.height),
        }
        | fields
    )
