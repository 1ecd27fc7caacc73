"""Masks found again by their looks: how often the nearest neighbours of a mask's embedding are of its class.

The embedding is that of the paper (section D.6): a crop around the mask and its mirror image, averaged under the mask.
The class is used for counting alone. Where there is one class, there is nothing to be told apart, and no figure.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from models.sam.boxes import tight_box
from models.sam.charts import bars
from models.sam.evaluation.probe.neighbours import COUNTS, chance, nearest, precision
from models.sam.evaluation.report_page.blocks import (
    Block,
    Heading,
    Picture,
    Pictures,
    Plot,
    Table,
    Words,
    picture_of,
)
from models.sam.evaluation.task import Item, Record, Task
from models.sam.mask_embedding import CROP_SCALE, mask_embedding
from models.sam.predictor import SamPredictor
from models.sam.refine import crop_window, cut
from models.sam.rle import decode

_QUERIES, _SHOWN = 12, 5
_CELL = 160  # pixels
_DIMMED = 0.35
# So many classes, the most frequent, have a line of their own.
_CLASSES = 25


class Probe(Task):
    """Mask embeddings of all masks."""

    name = "probe"
    title = "Latent probing: nearest neighbours of masks"

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """The embedding of each mask, to four digits."""
        pixels = item.image.pixels()
        vectors = [mask_embedding(predictor, pixels, decode(rle)) for rle in item.segmentations]
        return {
            "key": item.key,
            "vectors": [[round(float(value), 4) for value in vector] for vector in vectors],
            "classes": item.categories,
        }

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """`datasets`: for each with several classes precision@k and chance, over masks and by class. Masks of different
        data sets are not compared: the sets' own looks would be found."""
        return {"datasets": {name: self._figures(found) for name, found in records.items()}}

    def _figures(self, records: Sequence[Record]) -> Record:
        vectors, classes, owners, _ = stacked(records)
        found = nearest(vectors, owners, max(COUNTS))
        by_chance = chance(classes, owners)
        rows = {f"precision_{count}": precision(classes, found, count) for count in COUNTS} | {
            "chance": by_chance
        }
        names, counts = np.unique(classes, return_counts=True)
        most = [str(names[place]) for place in np.argsort(-counts, kind="stable")[:_CLASSES]]
        is_of = {name: np.asarray(classes) == name for name in most}
        return {
            "masks": len(classes),
            "class_count": len(names),
            **{row: _mean(values) for row, values in rows.items()},
            "classes": {
                name: {
                    "masks": int(chosen.sum()),
                    **{row: _mean(values[chosen]) for row, values in rows.items()},
                }
                for name, chosen in is_of.items()
            },
        }

    def table(self, report: Record) -> str:
        heads = ("masks", "classes", *(f"same@{count}" for count in COUNTS), "chance")
        lines = [f"{'neighbours of the same class':32}" + "".join(f"{head:>10}" for head in heads)]
        for name, entry in report["datasets"].items():
            cells = [str(entry["masks"]), str(entry["class_count"]), *_cells(entry)]
            lines.append(f"{name:32}" + "".join(f"{cell:>10}" for cell in cells))
        return "\n".join([*lines, "The paper shows neighbours and gives no figure."])

    def blocks(self, report: Record) -> list[Block]:
        head = ["", "masks", *(f"same class @{count}" for count in COUNTS), "chance"]
        blocks: list[Block] = [
            Words(
                "Of each mask's nearest neighbours on other images of the data set, the share that is of its class; "
                "chance is what drawing among them at random gives. The paper shows examples and no figure."
            ),
            Table(
                head,
                [[name, str(entry["masks"]), *_cells(entry)] for name, entry in report["datasets"].items()],
            ),
        ]
        for name, entry in report["datasets"].items():
            if entry["class_count"] < 2:
                continue
            classes = {
                label: one for label, one in entry["classes"].items() if one["precision_1"] is not None
            }
            notes = [f"chance {one['chance']:.2f}, {one['masks']} masks" for one in classes.values()]
            values = [one["precision_1"] for one in classes.values()]
            blocks += [
                Heading(name),
                Plot(
                    bars(
                        list(classes), values, x_label="nearest neighbour is of the same class", notes=notes
                    ),
                    "The most frequent classes.",
                ),
            ]
        return blocks

    def gallery(self, items: Mapping[str, Item], records: Mapping[str, Record]) -> list[Block]:
        """Rows of a mask and its nearest neighbours, by chance, of each data set."""
        blocks: list[Block] = []
        by_set: dict[str, list[Record]] = {}
        for key, record in records.items():
            by_set.setdefault(items[key].image.dataset, []).append(record)
        for name, found in by_set.items():
            vectors, classes, owners, places = stacked(found)
            neighbours = nearest(vectors, owners, _SHOWN)
            rng = np.random.default_rng(self.config.seed)
            chosen = rng.permutation(len(classes))[:_QUERIES]
            rows = [
                _row(items, classes, owners, places, [int(query), *map(int, neighbours[query])])
                for query in chosen
            ]
            blocks += [Heading(f"Neighbours in {name}"), Pictures(rows)]
        return blocks


def stacked(records: Sequence[Record]) -> tuple[np.ndarray, list[str], list[str], list[int]]:
    """Unit vectors [n, C], and for each its class, the key of its image and its number there."""
    vectors = np.array([vector for record in records for vector in record["vectors"]], np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    classes = [name for record in records for name in record["classes"]]
    owners = [record["key"] for record in records for _ in record["classes"]]
    places = [place for record in records for place in range(len(record["classes"]))]
    return vectors, classes, owners, places


def _row(
    items: Mapping[str, Item],
    classes: Sequence[str],
    owners: Sequence[str],
    places: Sequence[int],
    numbers: Sequence[int],
) -> Picture:
    """A mask and, to its right, its neighbours."""
    known = [number for number in numbers if number >= 0]
    sheet = Image.new("RGB", (_CELL * len(known), _CELL), "white")
    for column, number in enumerate(known):
        sheet.paste(_cell(items[owners[number]], places[number]), (column * _CELL, 0))
    named = ", ".join(classes[number] for number in known[1:])
    return picture_of(sheet, f"{classes[known[0]]}: {named}")


def _cell(item: Item, place: int) -> Image.Image:
    """The crop that is embedded, dimmed outside the mask."""
    pixels, mask = item.image.pixels(), decode(item.segmentations[place])
    window = crop_window(np.array(tight_box(mask), np.float64), mask.shape, CROP_SCALE)
    crop, inside = cut(pixels, window).astype(np.float32), cut(mask, window)
    crop[~inside] = _DIMMED * crop[~inside] + (1 - _DIMMED) * 255
    return Image.fromarray(crop.astype(np.uint8)).resize((_CELL, _CELL), Image.Resampling.BILINEAR)


def _mean(values: np.ndarray) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 4) if known.size else None


def _cells(entry: Record) -> list[str]:
    names = (*(f"precision_{count}" for count in COUNTS), "chance")
    return ["-" if entry[name] is None else f"{entry[name]:.3f}" for name in names]
