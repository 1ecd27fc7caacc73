"""Single points in full: 1, 2, 3, 5 and 9 clicks, from the centre and from anywhere, the number of clicks to a good mask,
and a click segmenter beside the model (SAM paper, sections 7.1 and D.1).

The short measure, with which models are compared while they are made (see `protocol`), is taken on the same masks and
reported under the same names.
"""

import argparse
import hashlib
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from PIL import Image

from models.sam.click_baseline.answering import ClickBaseline
from models.sam.click_baseline.weights import load_click_network
from models.sam.evaluation.baselines import BoxBaselines
from models.sam.evaluation.protocol import (
    BoxMeasure,
    EvaluationConfig,
    ImageScore,
    MaskScore,
    chosen_masks,
    score_image,
    set_score,
)
from models.sam.evaluation.report import report_of
from models.sam.evaluation.report_page.blocks import Block
from models.sam.evaluation.single_point.examples import example
from models.sam.evaluation.single_point.figures import figures
from models.sam.evaluation.single_point.measuring import CENTRE, TOP, first_clicks, histories, ways
from models.sam.evaluation.single_point.showing import blocks_of, table_of_clicks
from models.sam.evaluation.table import table_of
from models.sam.evaluation.task import Item, Record, Task
from models.sam.evaluation.variants import box_variants
from models.sam.predictor import SamPredictor
from models.sam.rle import compressed, decode
from models.sam.training.data_sources import UNNAMED, read_images


@dataclass(frozen=True)
class NamedBaseline:
    """A click segmenter, and what the report says of it: file, SHA-256, network, steps of training."""

    baseline: ClickBaseline
    facts: Record

    @classmethod
    def of(cls, path: Path, device: str) -> Self:
        """From the checkpoint of its run. CheckpointError for a file that is none."""
        trained = load_click_network(path, device)
        facts = {
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "network": trained.network.config.name,
            "steps": trained.steps,
            "side": trained.side,
            "whole": trained.whole,
        }
        return cls(ClickBaseline(trained.network, trained.side, trained.whole), facts)


class SinglePoint(Task):
    """Without a `baseline` the comparison is left out, and the report says so."""

    name = "single-point"
    title = "Masks from single points"

    def __init__(
        self,
        config: EvaluationConfig,
        baseline: NamedBaseline | None = None,
        box_measures: Mapping[str, BoxMeasure] | None = None,
    ) -> None:
        super().__init__(config)
        self.baseline = baseline
        self.box_measures = box_measures or {}

    @classmethod
    def add_options(cls, parser: argparse._ArgumentGroup) -> None:
        parser.add_argument(
            "--click-baseline",
            type=Path,
            metavar="WEIGHTS.pt",
            help="last.pt of models.cli.train_click_baseline, to compare with; the whole protocol, as --out",
        )
        parser.add_argument(
            "--baselines",
            action="store_true",
            help="also box, ellipse and GrabCut (OpenCV) from the same boxes",
        )
        parser.add_argument(
            "--variants",
            action="store_true",
            help="also the box prompt clipped to the box, and on a crop of it",
        )
        parser.add_argument(
            "--control",
            choices=["grey"],
            help="also with each image replaced by flat grey (without click histories)",
        )

    @classmethod
    def from_options(cls, config: EvaluationConfig, options: argparse.Namespace) -> Self:
        path: Path | None = options.click_baseline
        baseline = NamedBaseline.of(path, options.device) if path else None
        return cls(config, baseline, box_measures(options))

    def facts(self) -> Record:
        return {
            **super().facts(),
            "box_measures": sorted(self.box_measures),
            "click_baseline": self.baseline.facts if self.baseline else None,
        }

    def items(self, path: Path) -> list[Item]:
        """As the short measure chooses them, a sample of each image's masks included."""
        chosen = chosen_masks(read_images(path, self.config.split), self.config)
        return [
            Item(path, image, [compressed(rle) for rle in masks], [UNNAMED] * len(masks))
            for image, masks in chosen
        ]

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """The short measure's scores; by first click and who answered, the IoUs of each mask after 1, 2, ... clicks."""
        began = time.perf_counter()
        photograph, masks = item.image.pixels(), [decode(rle) for rle in item.segmentations]
        scores = score_image(predictor, photograph, masks, self.config, self.box_measures)
        if self.config.grey_control:
            predictor.set_image(photograph)
        answering = ways(predictor, photograph, self.baseline.baseline if self.baseline else None)
        together = self.config.prompts_per_batch
        clicks = first_clicks(masks, self._seed(item))
        return {
            "scores": [asdict(score) for score in scores.scores],
            "grey": [asdict(score) for score in scores.grey],
            "boxes": scores.boxes,
            "clicks": {
                first: {way: histories(make, masks, points, together) for way, make in answering.items()}
                for first, points in clicks.items()
            },
            "seconds": round(time.perf_counter() - began, 3),
        }

    def _seed(self, item: Item) -> tuple[int, int]:
        """Of the points anywhere: those of an image are the same whatever other images are measured."""
        return self.config.seed, zlib.crc32(item.key.encode())

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """The short measure's report; under `first_click` the `figures` from the `centre` and from `random` points."""
        sets = [
            set_score(name, [_scores(record) for record in found], sum(record["seconds"] for record in found))
            for name, found in records.items()
        ]
        first = next(iter(records.values()))[0]["clicks"]
        return {
            **report_of(sets, {}),
            "first_click": {
                kind: figures(
                    {
                        way: {
                            name: [record["clicks"][kind][way] for record in found]
                            for name, found in records.items()
                        }
                        for way in answered
                    }
                )
                for kind, answered in first.items()
            },
        }

    def table(self, report: Record) -> str:
        return f"{table_of(report)}\n\n{table_of_clicks(report)}"

    def blocks(self, report: Record) -> list[Block]:
        return blocks_of(report)

    def quality(self, record: Record) -> float | None:
        """Mean IoU of the image's masks after one click at the centre."""
        return float(np.mean([history[0] for history in record["clicks"][CENTRE][TOP]]))

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        """The mask of the image whose first IoU is nearest to their mean."""
        first = np.array([history[0] for history in record["clicks"][CENTRE][TOP]])
        target = decode(item.segmentations[int(np.abs(first - first.mean()).argmin())])
        photograph = item.image.pixels()
        predictor.set_image(photograph)
        baseline = self.baseline.baseline if self.baseline else None
        return example(ways(predictor, photograph, baseline), photograph, target)


def box_measures(options: argparse.Namespace) -> dict[str, BoxMeasure]:
    """Those that `--variants` and `--baselines` ask for. ModelError without OpenCV."""
    measures: dict[str, BoxMeasure] = {}
    if options.variants:
        measures["variants"] = box_variants
    if options.baselines:
        measures["baselines"] = BoxBaselines()
    return measures


def _scores(record: Record) -> ImageScore:
    scores, grey = (
        [
            MaskScore(**one | {name: tuple(one[name]) for name in ("clicks", "predicted", "true")})
            for one in ones
        ]
        for ones in (record["scores"], record["grey"])
    )
    return ImageScore(scores, grey, record["boxes"])
