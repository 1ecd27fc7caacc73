"""Mask AP with a detector's boxes as prompts (SAM paper, sections 7.4 and D.4).

Each box is a prompt that gets three masks; the one that ranks first is fed back with the box for one refinement. Scores
are the boxes' own; with true boxes, which have none, the predicted IoU.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from PIL import Image

from models.sam.charts import grouped_bars
from models.sam.detection.weights import load_detector
from models.sam.evaluation.coco import average_precision, coco_of, results_of
from models.sam.evaluation.drawing import nearest_answers, outlined
from models.sam.evaluation.instances.boxes import BoxSource, DetectedObjects, ResultsFile, TrueBoxes
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.report_page.blocks import Block, Heading, Plot, Table, Words
from models.sam.evaluation.task import Item, Record, Task
from models.sam.predictor import SamPredictor
from models.sam.rle import Rle, encode

COLUMNS = ("ap", "ap_50", "ap_75", "ap_small", "ap_medium", "ap_large")
HEADS = ("AP", "AP50", "AP75", "AP small", "AP medium", "AP large")
# The paper's, COCO val2017, boxes of ViTDet-H: AP, small, medium, large.
PAPER: Mapping[str, tuple[float, float, float, float]] = {
    "SAM ViT-H, boxes of ViTDet-H (paper)": (0.465, 0.308, 0.510, 0.617),
    "ViTDet-H itself (paper)": (0.510, 0.320, 0.543, 0.689),
}
PASSES = {"first": "box", "refined": "box, refined once"}
_TOGETHER = 8  # prompts


class Instances(Task):
    """`sources` of boxes, the first of which is asked for examples."""

    name = "instances"
    title = "Instance segmentation"

    def __init__(self, config: EvaluationConfig, sources: Sequence[BoxSource] = (TrueBoxes(),)) -> None:
        super().__init__(config)
        self.sources = list(sources)

    @classmethod
    def add_options(cls, parser: argparse._ArgumentGroup) -> None:
        parser.add_argument(
            "--boxes", type=Path, help="COCO results file of a detector, beside the true boxes"
        )
        parser.add_argument("--detector", type=Path, help="detector of train_detector, beside the true boxes")

    @classmethod
    def from_options(cls, config: EvaluationConfig, options: argparse.Namespace) -> Self:
        sources: list[BoxSource] = [TrueBoxes()]
        if options.boxes:
            sources.append(ResultsFile(options.boxes))
        if options.detector:
            sources.append(DetectedObjects(load_detector(options.detector, options.device)))
        return cls(config, sources)

    def facts(self) -> Record:
        return {**super().facts(), "boxes": [source.name for source in self.sources]}

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """All masks of the image, true and found: AP is counted over the whole set."""
        predictor.set_image(item.image.pixels())
        record: Record = {
            "size": [item.image.height, item.image.width],
            "truths": [
                [rle["counts"], name] for rle, name in zip(item.segmentations, item.categories, strict=True)
            ],
            "found": {},
        }
        for source in self.sources:
            boxes = source.boxes(predictor, item)
            names = boxes.categories or [""] * len(boxes.boxes)
            passes = masks_of(predictor, boxes.boxes)
            record["found"][source.name] = {
                name: [
                    [rle["counts"], category, score if source.name != TrueBoxes.name else predicted]
                    for (rle, predicted), category, score in zip(
                        answers, names, boxes.scores.tolist(), strict=True
                    )
                ]
                for name, answers in passes.items()
            }
        return record

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """`ap` by source of boxes, pass and column; the same of each data set."""
        every = [record for found in records.values() for record in found]
        datasets = {name: self._figures(found) for name, found in records.items()}
        return {"ap": self._figures(every), "datasets": datasets}

    def _figures(self, records: Sequence[Record]) -> Record:
        return {
            source.name: {name: precision_of(records, source, name) for name in PASSES}
            for source in self.sources
        }

    def _rows(self, report: Record) -> list[list[str]]:
        rows = [
            [f"{source.title}; {title}", *(_text(report["ap"][source.name][name][key]) for key in COLUMNS)]
            for source in self.sources
            for name, title in PASSES.items()
        ]
        return rows + [
            [name, _text(everything), "-", "-", *map(_text, sizes)]
            for name, (everything, *sizes) in PAPER.items()
        ]

    def table(self, report: Record) -> str:
        lines = [f"{'mask AP':60}" + "".join(f"{head:>10}" for head in HEADS)]
        lines += [
            f"{name:60}" + "".join(f"{cell:>10}" for cell in cells) for name, *cells in self._rows(report)
        ]
        return "\n".join(lines)

    def blocks(self, report: Record) -> list[Block]:
        titles = [source.title for source in self.sources]
        series = {
            title: [report["ap"][source.name][name]["ap"] for source in self.sources]
            for name, title in PASSES.items()
        }
        sets = [
            [name, *(_text(entry[source.name]["refined"]["ap"]) for source in self.sources)]
            for name, entry in report["datasets"].items()
        ]
        return [
            Words(
                "Mask AP as COCO counts it (pycocotools, IoU .50 to .95, at most 100 an image). A detector that knows no "
                "classes is counted without them. The paper's figures are of COCO val2017 at its full size."
            ),
            Table(["boxes; prompt", *HEADS], self._rows(report)),
            Plot(
                grouped_bars(titles, series, y_label="mask AP", y_range=(0, 1)), "Mask AP by source of boxes."
            ),
            Heading("Data sets"),
            Table(["AP, refined once", *titles], sets),
        ]

    def quality(self, record: Record) -> float | None:
        found, truths = self._shown(record)
        overlaps = [overlap for _, overlap in nearest_answers(truths, found)]
        return float(np.mean(overlaps)) if overlaps else None

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        """As `drawing.outlined`, the refined masks of the first source."""
        found, truths = self._shown(record)
        return outlined(item.image.pixels(), truths, found)

    def _shown(self, record: Record) -> tuple[list[Rle], list[Rle]]:
        rows = record["found"][self.sources[0].name]["refined"]
        size = record["size"]
        return (
            [Rle(size=size, counts=counts) for counts, *_ in rows],
            [Rle(size=size, counts=counts) for counts, _ in record["truths"]],
        )


def masks_of(predictor: SamPredictor, boxes: np.ndarray) -> dict[str, list[tuple[Rle, float]]]:
    """Masks with their predicted IoU of the boxes [n, 4] on the image that is set, after each pass."""
    passes: dict[str, list[tuple[Rle, float]]] = {name: [] for name in PASSES}
    for start in range(0, len(boxes), _TOGETHER):
        some = boxes[start : start + _TOGETHER]
        answer = predictor.predict_batch(boxes=some)
        rows = torch.arange(len(some), device=answer.masks.device)
        top = answer.iou_predictions.argmax(dim=1)
        refined = predictor.predict_batch(
            boxes=some, mask_inputs=answer.low_res_masks[rows, top][:, None], multimask_output=False
        )
        first = answer.masks[rows, top], answer.iou_predictions[rows, top]
        second = refined.masks[:, 0], refined.iou_predictions[:, 0]
        for name, (masks, predicted) in zip(PASSES, (first, second), strict=True):
            passes[name] += [
                (encode(mask), float(value))
                for mask, value in zip(masks.cpu().numpy(), predicted.tolist(), strict=True)
            ]
    return passes


def precision_of(records: Sequence[Record], source: BoxSource, pass_name: str) -> dict[str, float | None]:
    """`coco.average_precision` of one source and pass."""
    names = sorted({name for record in records for _, name in record["truths"]})
    ids = {name: number for number, name in enumerate(names, start=1)}
    images, truths, answers = [], [], []
    for number, record in enumerate(records, start=1):
        size = record["size"]
        images.append((number, size[0], size[1]))
        truths += [
            (number, ids[name] if source.has_classes else 1, Rle(size=size, counts=counts))
            for counts, name in record["truths"]
        ]
        # A class that no true mask has cannot be counted: COCO leaves it out as well.
        answers += [
            (number, ids[name] if source.has_classes else 1, Rle(size=size, counts=counts), score)
            for counts, name, score in record["found"][source.name][pass_name]
            if not source.has_classes or name in ids
        ]
    truth = coco_of(images, truths, list(ids.values()) if source.has_classes else [1])
    return average_precision(truth, results_of(truth, answers), with_classes=source.has_classes)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
