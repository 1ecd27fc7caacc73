"""Average recall of automatic masks among the best 10, 100 and 1000 (SAM paper, sections 7.3 and D.3).

A grid of points, no filter, suppression at IoU .9; where more than 1000 masks are left, the best by the mean of predicted
IoU and stability. Classes only make groups of the truth: frequent, common and rare ones, as LVIS has them.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from PIL import Image

from models.sam.charts import grouped_bars
from models.sam.errors import ModelError
from models.sam.evaluation.coco import AREAS, recall_counts
from models.sam.evaluation.drawing import outlined
from models.sam.evaluation.proposals.single_output import SingleOutputDecoder
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.report_page.blocks import Block, Heading, Plot, Table, Words
from models.sam.evaluation.task import Item, Record, Task
from models.sam.mask_generation.decoding import PointDecoder
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generator import PRESETS, AutomaticMaskGenerator, MaskRecord
from models.sam.predictor import SamPredictor
from models.sam.rle import Rle
from models.sam.training.data_sources import DataError, read_images

LIMITS = (10, 100, 1000)
# LVIS: classes on more than 100 images of the training split, on 11 to 100, on fewer.
GROUPS = ("all", "frequent", "common", "rare")
_FREQUENT, _COMMON = 100, 10
# The paper's, LVIS v1 val, mask AR@1000: all, small, medium, large, frequent, common, rare.
PAPER: Mapping[str, tuple[float, ...]] = {
    "SAM ViT-H (paper)": (0.593, 0.455, 0.816, 0.869, 0.591, 0.639, 0.658),
    "single output (paper)": (0.549, 0.428, 0.767, 0.744, 0.547, 0.598, 0.620),
    "ViTDet-H, trained (paper)": (0.630, 0.517, 0.808, 0.870, 0.631, 0.633, 0.583),
}
COLUMNS = ("all", "small", "medium", "large", "frequent", "common", "rare")
WAYS = {"three": "three masks a point", "single": "single output"}


class Proposals(Task):
    """`points_per_side` of the grid, 64 in the paper; `is_single_too`: also the ablation with one mask for a point."""

    name = "proposals"
    title = "Object proposals"

    def __init__(
        self, config: EvaluationConfig, points_per_side: int = 64, is_single_too: bool = True
    ) -> None:
        super().__init__(config)
        self.settings = replace(PRESETS["lvis"], points_per_side=points_per_side)
        self.is_single_too = is_single_too
        self.groups: dict[str, str] = {}

    @classmethod
    def add_options(cls, parser: argparse._ArgumentGroup) -> None:
        parser.add_argument("--points-per-side", type=int, default=64, help="of the grid (paper: 64)")
        parser.add_argument(
            "--no-single-output", action="store_true", help="without the ablation, in half the time"
        )

    @classmethod
    def from_options(cls, config: EvaluationConfig, options: argparse.Namespace) -> Self:
        if options.points_per_side < 1:
            raise ModelError("evaluate.options", "--points-per-side must be at least 1.")
        return cls(config, options.points_per_side, not options.no_single_output)

    def facts(self) -> Record:
        return {
            **super().facts(),
            "points_per_side": self.settings.points_per_side,
            "is_single_too": self.is_single_too,
        }

    def items(self, path: Path) -> list[Item]:
        self.groups |= groups_of(path)
        return super().items(path)

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """Hits of each group of classes, for both ways of asking."""
        record: Record = {}
        for way, decoder in self._decoders(predictor).items():
            found = self.proposals(decoder, item)
            masks = [one["segmentation"] for one in found]
            scores = [score_of(one) for one in found]
            counts = {}
            for group in GROUPS:
                truths = self._truths(item, group)
                if truths:
                    counts[group] = recall_counts(truths, masks, scores, LIMITS)
            record[way] = {"proposals": len(found), "counts": counts}
        return record

    def _decoders(self, predictor: SamPredictor) -> dict[str, PointDecoder]:
        ways: dict[str, PointDecoder] = {"three": NetworkDecoder(predictor)}
        return ways | {"single": SingleOutputDecoder(predictor)} if self.is_single_too else ways

    def proposals(self, decoder: PointDecoder, item: Item) -> list[MaskRecord]:
        """The best 1000 of the image, the best first."""
        found = AutomaticMaskGenerator(decoder).generate(item.image.pixels(), self.settings)
        return sorted(found, key=score_of, reverse=True)[: LIMITS[-1]]

    def _truths(self, item: Item, group: str) -> list[Rle]:
        pairs = zip(item.segmentations, item.categories, strict=True)
        dataset = item.image.dataset
        return [rle for rle, name in pairs if group in ("all", self.groups.get(f"{dataset}/{name}"))]

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """`ar` by way, limit and column; `proposals`, how many an image has; the same of each data set."""
        every = [record for found in records.values() for record in found]
        return {**figures(every), "datasets": {name: figures(found) for name, found in records.items()}}

    def table(self, report: Record) -> str:
        head = f"{'mask AR@1000':28}" + "".join(f"{name:>10}" for name in COLUMNS)
        rows = [self._row(WAYS[way], report["ar"][way]["1000"]) for way in report["ar"]]
        rows += [
            self._row(f"  {name}", entry["ar"]["three"]["1000"]) for name, entry in report["datasets"].items()
        ]
        rows += [self._row(name, dict(zip(COLUMNS, values, strict=True))) for name, values in PAPER.items()]
        fewer = ", ".join(
            f"AR@{limit} {_text(report['ar']['three'][str(limit)]['all'])}" for limit in LIMITS[:2]
        )
        counts = ", ".join(f"{WAYS[way]} {value}" for way, value in report["proposals"].items())
        return "\n".join([head, *rows, f"{fewer}; proposals an image: {counts}"])

    def _row(self, name: str, values: Mapping[str, float | None]) -> str:
        return f"{name:28}" + "".join(f"{_text(values[column]):>10}" for column in COLUMNS)

    def blocks(self, report: Record) -> list[Block]:
        ways = report["ar"]
        rows = [[WAYS[way], *(_text(ways[way]["1000"][name]) for name in COLUMNS)] for way in ways]
        rows += [[name, *(_text(value) for value in values)] for name, values in PAPER.items()]
        sets = [
            [name, *(_text(entry["ar"]["three"][str(limit)]["all"]) for limit in LIMITS)]
            for name, entry in report["datasets"].items()
        ]
        series = {WAYS[way]: [ways[way]["1000"][name] for name in COLUMNS] for way in ways}
        name = "SAM ViT-H (paper)"
        return [
            Words(
                f"Average recall of masks over IoU .50 to .95, without classes, among the best 1000 of a grid of "
                f"{self.settings.points_per_side} x {self.settings.points_per_side} points. Classes that are on more "
                f"than {_FREQUENT} images of the training split are frequent, on more than {_COMMON} common. The "
                "paper's figures are of LVIS, other photographs with more classes: they tell the order of things."
            ),
            Table(["AR@1000", *COLUMNS], rows, frozenset({0})),
            Plot(
                grouped_bars(COLUMNS, series | {name: list(PAPER[name])}, y_label="AR@1000", y_range=(0, 1)),
                "AR@1000 by size and by frequency of the class.",
            ),
            Heading("Data sets"),
            Table(["three masks a point", *(f"AR@{limit}" for limit in LIMITS)], sets),
        ]

    def quality(self, record: Record) -> float | None:
        counts = record["three"]["counts"].get("all")
        if not counts:
            return None
        found = counts["all"]
        return float(np.mean(found["hits"]["1000"])) / found["masks"] if found["masks"] else None

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        """As `drawing.outlined`."""
        found = self.proposals(NetworkDecoder(predictor), item)
        return outlined(item.image.pixels(), item.segmentations, [one["segmentation"] for one in found])


def score_of(record: MaskRecord) -> float:
    """By which the best are kept."""
    return (record["predicted_iou"] + record["stability_score"]) / 2


def groups_of(path: Path) -> dict[str, str]:
    """`data set/class` -> frequent, common or rare, by the images of the training split that it is on."""
    try:
        images = read_images(path, "train")
    except DataError:
        # Nothing to count by.
        return {}
    seen = Counter(f"{image.dataset}/{name}" for image in images for name in set(image.categories))
    return {name: _group(count) for name, count in seen.items()}


def _group(images: int) -> str:
    return "frequent" if images > _FREQUENT else "common" if images > _COMMON else "rare"


def figures(records: Sequence[Record]) -> Record:
    """AR by way and limit, over all masks of the records."""
    ways = [way for way in WAYS if all(way in record for record in records)]
    return {
        "ar": {
            way: {
                str(limit): {
                    **{size: recall(records, way, "all", size, limit) for size in AREAS},
                    **{group: recall(records, way, group, "all", limit) for group in GROUPS[1:]},
                }
                for limit in LIMITS
            }
            for way in ways
        },
        "proposals": {
            way: round(float(np.mean([record[way]["proposals"] for record in records])), 1) for way in ways
        },
    }


def recall(records: Sequence[Record], way: str, group: str, size: str, limit: int) -> float | None:
    """Mean over thresholds of the share of true masks that are found; None where there is none."""
    counts = [record[way]["counts"][group][size] for record in records if group in record[way]["counts"]]
    masks = sum(one["masks"] for one in counts)
    if not masks:
        return None
    return round(float(np.sum([one["hits"][str(limit)] for one in counts], axis=0).mean()) / masks, 4)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
