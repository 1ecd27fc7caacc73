"""supervision's data sets. It is imported on first use: it brings matplotlib along."""

from pathlib import Path
from typing import Any

from PIL import Image

from tests.backend.formats.found import Found


def supervision_coco(folder: Path) -> Found:
    from supervision import DetectionDataset

    found = Found()
    for path in sorted((folder / "annotations").glob("instances_*.json")):
        _add(
            found,
            DetectionDataset.from_coco(
                images_directory_path=str(folder / "images"), annotations_path=str(path), force_masks=True
            ),
        )
    return found


def supervision_yolo(folder: Path) -> Found:
    from supervision import DetectionDataset

    found = Found()
    for images in sorted((folder / "images").iterdir()):
        _add(
            found,
            DetectionDataset.from_yolo(
                images_directory_path=str(images),
                annotations_directory_path=str(folder / "labels" / images.name),
                data_yaml_path=str(folder / "data.yaml"),
                force_masks=True,
            ),
        )
    return found


def _add(found: Found, dataset: Any) -> None:
    found.labels |= set(dataset.classes)
    for path, detections in dataset.annotations.items():
        with Image.open(path) as picture:
            stem = found.picture(path, *picture.size)
        if detections.mask is not None:
            for pixels, number in zip(detections.mask, detections.class_id, strict=True):
                found.objects[stem].append((dataset.classes[number], pixels))
