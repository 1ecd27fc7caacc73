"""Text to mask (SAM paper, section 7.5): is the answer to a word another one than to a wrong word, and does a click
mend it?

The paper shows examples and gives no figure.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from zlib import crc32

import numpy as np
from PIL import Image

from models.sam.charts import grouped_bars
from models.sam.evaluation.drawing import outlined
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.report_page.blocks import Block, Heading, Plot, Table, Words
from models.sam.evaluation.task import Item, Record, Task
from models.sam.evaluation.text.asking import ask, ask_wrong
from models.sam.evaluation.text.figures import COLUMNS, HEADS, by_category, figures, row
from models.sam.manifest import read_manifest, sha256_file, verify_file
from models.sam.predictor import SamPredictor
from models.sam.rle import Rle, decode, encode
from models.sam.text.encoders import TextEncoder, open_text_encoder
from models.sam.text.names import is_telling, tidy_name
from models.sam.text.prompting import TextPrompter
from models.sam.text.weights import TextWeights, load_text

_PLOTTED, _TABLED = 12, 60  # categories
_RATIO = "right / wrong [95 %]"


class TextToMask(Task):
    """Each category of each image by its name, and by the name of one that is not on it."""

    name = "text"
    title = "Text to mask"

    def __init__(
        self, config: EvaluationConfig, text: TextWeights, encoder: TextEncoder, version: str = ""
    ) -> None:
        """`version` tells files of text prompts apart."""
        super().__init__(config)
        self.text, self.encoder, self.version = text, encoder, version
        self._prompter: TextPrompter | None = None
        self._names: dict[str, set[str]] = {}
        self._embedded: dict[str, np.ndarray] = {}

    @classmethod
    def add_options(cls, parser: argparse._ArgumentGroup) -> None:
        parser.add_argument(
            "--text", type=Path, help="text prompts of train_text; default: the artifact's own"
        )
        parser.add_argument("--text-encoder", default="minilm", help="minilm, minilm:FOLDER or clip:FOLDER")

    @classmethod
    def from_options(cls, config: EvaluationConfig, options: argparse.Namespace) -> Self:
        path: Path | None = options.text
        folder = Path(options.model)
        if path is None and folder.is_dir():
            entry = read_manifest(folder).text
            path = verify_file(folder, entry) if entry else None
        if path is None:
            raise ValueError("this model has no text prompts: name a file of train_text with --text")
        text, encoder = load_text(path, options.device), open_text_encoder(options.text_encoder)
        return cls(config, text, encoder, sha256_file(path)[:12])

    def facts(self) -> Record:
        return {**super().facts(), "encoder": self.text.encoder, "text": self.version}

    def items(self, path: Path) -> list[Item]:
        """Those with a mask whose category has a telling name."""
        items = [item for item in super().items(path) if _named(item)]
        for item in items:
            self._names.setdefault(item.image.dataset, set()).update(_named(item))
        return items

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """Each category of the image: how well its name does, and a wrong one."""
        if self._prompter is None or self._prompter.predictor is not predictor:
            self._prompter = TextPrompter(predictor, self.text, self.encoder)
        predictor.set_image(item.image.pixels())
        there = _named(item)
        asked = []
        for name, rles in there.items():
            masks = [decode(rle) for rle in rles]
            rng = np.random.default_rng((self.config.seed, crc32(f"{item.key} {name}".encode())))
            wrong = self._wrong_word(item.image.dataset, set(there), rng)
            found = ask(predictor, self._embedding(name), masks)
            nearness = self.text.vocabulary.nearest(self._embedding(name)[None])[0]
            asked.append(
                {
                    "name": name,
                    "instances": len(masks),
                    "word": found.word,
                    "best": found.best,
                    "clicked": found.clicked,
                    "click_alone": found.click_alone,
                    "wrong": ask_wrong(predictor, self._embedding(wrong), masks) if wrong else None,
                    "wrong_word": wrong,
                    "is_known": nearness.is_known,
                    "is_empty": not bool(found.answer.any()),
                    "answer": encode(found.answer)["counts"],
                }
            )
        return {"size": [item.image.height, item.image.width], "asked": asked}

    def _wrong_word(self, dataset: str, there: set[str], rng: np.random.Generator) -> str | None:
        """A category of the data set that is not on the image; a learned word where the set has no other."""
        others = sorted(self._names[dataset] - there) or sorted(set(self.text.vocabulary.names) - there)
        return str(rng.choice(others)) if others else None

    def _embedding(self, name: str) -> np.ndarray:
        if name not in self._embedded:
            self._embedded[name] = self.encoder.embed([name])[0]
        return self._embedded[name]

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """`all`, `datasets` and `categories`, as `figures.figures`."""
        seed = self.config.seed
        return {
            "all": figures([record for found in records.values() for record in found], seed),
            "datasets": {name: figures(found, seed) for name, found in records.items()},
            "categories": by_category(records, seed),
            "vocabulary": len(self.text.vocabulary),
        }

    def table(self, report: Record) -> str:
        lines = [
            f"{'mean IoU':24}{'asked':>7}" + "".join(f"{head:>14}" for head in HEADS) + "  right / wrong"
        ]
        for name, entry in [*report["datasets"].items(), ("all", report["all"])]:
            asked, *cells, ratio = row(entry)
            lines.append(f"{name:24}{asked:>7}" + "".join(f"{cell:>14}" for cell in cells) + f"  {ratio}")
        return "\n".join(lines)

    def blocks(self, report: Record) -> list[Block]:
        everything = report["all"]
        head = ["asked", *HEADS, _RATIO]
        categories = list(report["categories"].items())
        plotted = categories[:_PLOTTED]
        series = {
            title: [entry[name] for _, entry in plotted]
            for name, title in zip(COLUMNS, HEADS, strict=True)
            if name in ("word", "wrong", "clicked")
        }
        return [
            Words(
                "Each category of each image is asked for by its name. Where there are several masks of it, the word "
                "does not say which: the IoU is that of the answer ranked first with the mask it fits best. The wrong "
                "word names a category of the data set that is not on the image, measured by the same masks. The "
                "corrective click lies in the larger error; the click alone is one in the middle of the same mask. The "
                "interval is over images. The paper shows examples and no figure."
            ),
            Words(
                f"{report['vocabulary']} words were learned. Of {everything['asked']} asked, "
                f"{_percent(everything['unknown'])} are far from all of them; "
                f"{_percent(everything['empty'])} were answered with nothing."
            ),
            Table(
                ["", *head],
                [[name, *row(entry)] for name, entry in report["datasets"].items()]
                + [["all", *row(everything)]],
                frozenset([len(report["datasets"])]),
            ),
            Heading("Categories"),
            Plot(
                grouped_bars([name for name, _ in plotted], series, y_label="mean IoU", y_range=(0, 1)),
                "The categories that were asked for most.",
            ),
            Table(["", *head], [[name, *row(entry)] for name, entry in categories[:_TABLED]]),
        ]

    def quality(self, record: Record) -> float | None:
        return float(np.mean([one["word"] for one in record["asked"]])) if record["asked"] else None

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        """As `drawing.outlined`, all categories at once."""
        truths = [rle for rles in _named(item).values() for rle in rles]
        answers = [Rle(size=record["size"], counts=one["answer"]) for one in record["asked"]]
        return outlined(item.image.pixels(), truths, answers)


def _named(item: Item) -> dict[str, list[Rle]]:
    """The masks of each telling name on an image, in the order of the masks."""
    found: dict[str, list[Rle]] = {}
    for rle, category in zip(item.segmentations, item.categories, strict=True):
        if is_telling(name := tidy_name(category)):
            found.setdefault(name, []).append(rle)
    return found


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"
