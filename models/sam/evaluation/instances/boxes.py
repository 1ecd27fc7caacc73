"""Where boxes come from: the true masks, a COCO results file of anybody's detector, or a detector of ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.sam.boxes import tight_box
from models.sam.detection.detect import DetectionSettings, detect
from models.sam.detection.network import ObjectDetector
from models.sam.errors import ModelError
from models.sam.evaluation.task import Item
from models.sam.predictor import SamPredictor
from models.sam.rle import decode
from models.sam.training.data_sources import DataError, open_source, read_annotations

MOST = 100  # boxes of an image, as COCO counts


@dataclass(frozen=True)
class Boxes:
    """Of one image, the best first: float64 [n, 4], XYXY in its pixels; scores [n]; each one's class, or None where
    the source knows none."""

    boxes: np.ndarray
    scores: np.ndarray
    categories: list[str] | None


class BoxSource(Protocol):
    """Boxes for an image whose embedding is set in the predictor."""

    name: str
    title: str
    has_classes: bool

    def boxes(self, predictor: SamPredictor, item: Item) -> Boxes:
        """Those of an image; at most `MOST`."""
        ...


class TrueBoxes:
    """Tight boxes of the true masks, all with score 1: what masks are worth when boxes are perfect."""

    name, title, has_classes = "truth", "true boxes", True

    def boxes(self, predictor: SamPredictor, item: Item) -> Boxes:
        found = np.array([tight_box(decode(rle)) for rle in item.segmentations], np.float64).reshape(-1, 4)
        return Boxes(found, np.ones(len(found)), list(item.categories))


class DetectedObjects:
    """What a detector of this project finds, without classes. ModelError `detector.other_model` where it learned on
    embeddings of another width."""

    name, title, has_classes = "detector", "detector trained here, without classes", False

    def __init__(self, detector: ObjectDetector) -> None:
        self.detector = detector

    def boxes(self, predictor: SamPredictor, item: Item) -> Boxes:
        channels = predictor.images[0].embedding.shape[1]
        if channels != self.detector.channels:
            raise ModelError(
                "detector.other_model",
                f"The detector reads embeddings of {self.detector.channels} channels, the model's have {channels}.",
            )
        found = detect(self.detector, predictor.images[0], DetectionSettings(least_score=0.0, most=MOST))
        return Boxes(found.boxes.astype(np.float64), found.scores.astype(np.float64), None)


class ResultsFile:
    """Boxes of a COCO results file: a list of {image_id, category_id, bbox XYWH, score}, with the ids of the data set's
    annotations. DataError for anything else."""

    name, title, has_classes = "results", "boxes of the results file", True

    def __init__(self, path: Path) -> None:
        try:
            rows = json.loads(path.read_text())
            self._rows: dict[int, list[tuple[float, int, list[float]]]] = {}
            for row in rows:
                found = float(row["score"]), int(row["category_id"]), [float(side) for side in row["bbox"]]
                if len(found[2]) != 4:
                    raise ValueError("a bbox has four numbers")
                self._rows.setdefault(int(row["image_id"]), []).append(found)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path.name} is no COCO results file with boxes: {error}") from error
        self._ids: dict[Path, tuple[Mapping[str, int], Mapping[int, str]]] = {}

    def boxes(self, predictor: SamPredictor, item: Item) -> Boxes:
        images, names = self._known(item.path)
        rows = sorted(self._rows.get(images[item.image.file_name], []), key=lambda row: -row[0])[:MOST]
        corners = np.array([box for _, _, box in rows], np.float64).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        limits = [item.image.width, item.image.height, item.image.width, item.image.height]
        corners = np.clip(corners, 0, limits)
        is_box = (corners[:, 2:] - corners[:, :2]).min(axis=1, initial=1) > 0
        kept = [row for row, good in zip(rows, is_box, strict=True) if good]
        return Boxes(
            corners[is_box],
            np.array([score for score, _, _ in kept], np.float64),
            [names.get(category, "") for _, category, _ in kept],
        )

    def _known(self, path: Path) -> tuple[Mapping[str, int], Mapping[int, str]]:
        if path not in self._ids:
            coco: dict[str, Any] = read_annotations(open_source(path))
            images = {image["file_name"]: int(image["id"]) for image in coco["images"]}
            names = {int(one["id"]): str(one["name"]) for one in coco.get("categories", [])}
            self._ids[path] = images, names
        return self._ids[path]
