"""Zero-shot edge detection on BSDS500 (SAM paper, sections 7.2 and D.2), beside detectors that need no model."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
from PIL import Image

from models.sam.charts import Line, lines
from models.sam.errors import ModelError
from models.sam.evaluation.edges.baselines import (
    CANNY_SIGMA,
    canny_edges,
    canny_hysteresis_edges,
    sobel_edges,
)
from models.sam.evaluation.edges.benchmark import THRESHOLDS, Counts, counts_of, figures_of, thresholds
from models.sam.evaluation.edges.soft_edges import agreement, find_edges, mirrored, strongest
from models.sam.evaluation.edges.thinning import thin_edges
from models.sam.evaluation.edges.truth import TrueBoundaries
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.report_page.blocks import Block, Heading, Plot, Table, Words
from models.sam.evaluation.task import Item, Record, Task
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generator import PRESETS
from models.sam.predictor import SamPredictor

BASELINES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "canny": canny_edges,
    "canny_hysteresis": canny_hysteresis_edges,
    "sobel": sobel_edges,
}
WAYS = {
    "model": "model",
    "agreement": "model, where masks agree",
    "canny": "Canny",
    "canny_hysteresis": "Canny, hysteresis",
    "sobel": "Sobel",
}
COLUMNS = {"ods": "ODS", "ois": "OIS", "average_precision": "AP", "recall_at_half": "R50"}
# BSDS500, its 200 test images; the baselines' as the paper quotes them.
PAPER: Mapping[str, tuple[float | None, ...]] = {
    "SAM ViT-H (paper)": (0.768, 0.786, 0.794, 0.928),
    "HED, trained (paper)": (0.788, 0.808, 0.840, 0.923),
    "EDETR, trained (paper)": (0.840, 0.858, 0.896, 0.930),
    "Canny (paper)": (0.600, 0.640, 0.580, None),
    "Sobel (paper)": (0.539, None, None, None),
}


class Edges(Task):
    """`levels`: thresholds between 0 and 1 at which maps are matched, 99 in the benchmark."""

    name = "edges"
    title = "Edge detection"

    def __init__(self, config: EvaluationConfig, levels: int = THRESHOLDS) -> None:
        super().__init__(config)
        self.levels = levels
        self._boundaries: dict[Path, TrueBoundaries] = {}

    @classmethod
    def add_options(cls, parser: argparse._ArgumentGroup) -> None:
        parser.add_argument(
            "--thresholds",
            type=int,
            default=THRESHOLDS,
            metavar="N",
            help="levels at which edges are cut (benchmark: 99; 33 take less time)",
        )

    @classmethod
    def from_options(cls, config: EvaluationConfig, options: argparse.Namespace) -> Self:
        if options.thresholds < 1:
            raise ModelError("evaluate.options", "--thresholds must be at least 1.")
        return cls(config, options.thresholds)

    def facts(self) -> Record:
        return {**super().facts(), "thresholds": self.levels, "canny_sigma": CANNY_SIGMA}

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """Counts at each threshold of the model and of the baselines; how many annotators, whose lines are of what."""
        photograph = item.image.pixels()
        annotators, is_of_masks = self._truth(item)
        maps = model_edges(predictor, photograph)
        maps |= {name: detect(photograph) for name, detect in BASELINES.items()}
        levels = thresholds(self.levels)
        return {
            "annotators": len(annotators),
            "is_of_masks": is_of_masks,
            "counts": {way: counts_of(soft, annotators, levels).as_lists() for way, soft in maps.items()},
        }

    def _truth(self, item: Item) -> tuple[list[np.ndarray], bool]:
        if item.path not in self._boundaries:
            self._boundaries[item.path] = TrueBoundaries(item.path)
        return self._boundaries[item.path].of(item.image)

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """`figures` by way, `curves` of precision and recall by way; how many images had lines `of_masks`; the figures of
        each data set."""
        every = [record for found in records.values() for record in found]
        return {
            "figures": _figures(every),
            "curves": {way: _curve(_counts(every, way)) for way in WAYS},
            "of_masks": sum(record["is_of_masks"] for record in every),
            "datasets": {name: _figures(found) for name, found in records.items()},
        }

    def table(self, report: Record) -> str:
        head = f"{'':28}" + "".join(f"{name:>8}" for name in COLUMNS.values())
        rows = [f"{name:28}" + "".join(f"{cell:>8}" for cell in cells) for name, *cells in _rows(report)]
        return "\n".join([head, *rows, _about(report)])

    def blocks(self, report: Record) -> list[Block]:
        curves = [
            Line(WAYS[way], report["curves"][way]["recall"], report["curves"][way]["precision"])
            for way in WAYS
        ]
        sets = [
            [name, *(_text(entry[way]["ods"]) for way in WAYS)] for name, entry in report["datasets"].items()
        ]
        return [
            Words(
                "Edges of the masks of a grid of 16 x 16 points, without any training for edges, by the paper's "
                "protocol (the steepest mask counts) and as a count of the masks that end there, of the photograph and "
                "of its mirror image; matched with "
                f"people's lines at {self.levels} thresholds within {0.0075:.2%} of the diagonal. ODS: F with one "
                "threshold for all images; OIS: with each image's best; AP: area under the curve; R50: recall at a "
                "precision of 50 %. The paper's figures are of the 200 test images of BSDS500."
            ),
            Words(_about(report)),
            Table(["", *COLUMNS.values()], _rows(report), frozenset({0})),
            Plot(
                lines(
                    curves,
                    x_label="recall",
                    y_label="precision",
                    y_range=(0, 1),
                    x_ticks=(0, 0.2, 0.4, 0.6, 0.8, 1),
                    markers=False,
                ),
                "Precision over recall, as the threshold falls.",
            ),
            Heading("Data sets"),
            Table(["ODS", *WAYS.values()], sets),
        ]

    def quality(self, record: Record) -> float | None:
        """The best F of the image; None where nobody marked anything."""
        counts = Counts.from_lists(record["counts"]["model"])
        return float(counts.f_measure.max()) if counts.true.any() else None

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        """The photograph, people's lines (the darker, the more of them), the model's, and those that masks agree on."""
        photograph = item.image.pixels()
        truth = np.mean([*self._truth(item)[0], np.zeros(photograph.shape[:2])], axis=0)
        found = model_edges(predictor, photograph)
        shown = [
            np.repeat((255 * (1 - one / max(one.max(), 1e-6)))[..., None], 3, 2)
            for one in (truth, found["model"], found["agreement"])
        ]
        return Image.fromarray(np.concatenate([photograph, *shown], axis=1).astype(np.uint8))


def model_edges(predictor: SamPredictor, photograph: np.ndarray) -> dict[str, np.ndarray]:
    """The model's edges of a photograph [H, W, 3], thinned, float32 [H, W] in 0..1: "model" by the paper's protocol,
    "agreement" of the masks of it and of its mirror image."""
    decoder, size = NetworkDecoder(predictor), (photograph.shape[0], photograph.shape[1])
    found = find_edges(decoder, photograph, PRESETS["bsds"])
    other_way_round = find_edges(decoder, np.ascontiguousarray(photograph[:, ::-1]), PRESETS["bsds"])
    maps = {
        "model": strongest(found, size),
        "agreement": agreement([found, mirrored(other_way_round, size[1])], size),
    }
    return {way: thin_edges(soft) for way, soft in maps.items()}


def _counts(records: Sequence[Record], way: str) -> list[Counts]:
    return [Counts.from_lists(record["counts"][way]) for record in records]


def _figures(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    return {way: asdict(figures_of(_counts(records, way))) for way in WAYS}


def _curve(images: Sequence[Counts]) -> dict[str, list[float]]:
    """From the lowest threshold on, where anything is predicted."""
    total = Counts.total(images)
    is_there = total.predicted > 0
    return {
        "precision": total.precision[is_there].round(4).tolist(),
        "recall": total.recall[is_there].round(4).tolist(),
    }


def _rows(report: Record) -> list[list[str]]:
    found = report["figures"]
    rows = [[title, *(_text(found[way][key]) for key in COLUMNS)] for way, title in WAYS.items()]
    return rows + [[name, *map(_text, values)] for name, values in PAPER.items()]


def _about(report: Record) -> str:
    of_masks, images = report["of_masks"], report.get("images", 0)
    if not of_masks:
        return "True lines: as people marked them."
    return f"True lines: on {of_masks} of {images} images the outlines of masks, for want of lines that people marked."


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
