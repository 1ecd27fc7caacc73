"""An evaluation from beginning to end, in a folder, so that one that was killed goes on with the images that are left.

`records.jsonl` is written as it goes; `report.json` and `report.html`, a page that needs nothing else, at the end.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from models.sam.evaluation.records import Record, Records
from models.sam.evaluation.report_page.blocks import Block, Heading, Picture, Pictures, Words, picture_of
from models.sam.evaluation.report_page.page import page_of
from models.sam.evaluation.task import Item, Task
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import DataError

# The model for one image at a time: others may want it between.
Turn = Callable[[], AbstractContextManager[SamPredictor]]
Progress = Callable[[int, int], None]
Found = TypeVar("Found")

REPORT, PAGE = "report.json", "report.html"
EXAMPLES = 4  # worst ones, and as many best ones


class Attempt(Protocol):
    """Calls `look`, which looks at an image, and answers what it does; None where the image is to be left out."""

    def __call__(self, item: Item, look: Callable[[], Found], /) -> Found | None: ...


def plainly(item: Item, look: Callable[[], Found], /) -> Found:
    """An `Attempt` that lets what is wrong with one image end the run."""
    return look()


def run_task(
    task: Task,
    turn: Turn,
    paths: Sequence[Path],
    facts: Record,
    folder: Path | None = None,
    progress: Progress | None = None,
    attempt: Attempt = plainly,
    lost: int = 0,
) -> Record:
    """The report of the data sets at `paths`; `facts`, what else it depends on (the model, say), go into it.

    `progress(done, images)` is called before each image and after the last. With `folder` everything is kept there.
    Images that `attempt` leaves out are counted as `images_left_out`, with `lost`, those that did not make it into the
    data sets. DataError where no image has a mask that counts or none could be measured; ValueError where `folder` holds
    another run.
    """
    items = {item.key: item for path in paths for item in task.items(path)}
    if not items:
        raise DataError("no image has a mask that counts")
    said = {"task": task.name, **facts, **task.facts()}
    found: dict[str, Record] = {}
    with Records(said, folder / "records.jsonl" if folder else None) as records:
        for done, (key, item) in enumerate(items.items()):
            if progress:
                progress(done, len(items))
            if key not in records:
                record = attempt(item, partial(_measured, task, turn, item))
                if record is None:
                    continue
                records.add(key, record)
            found[key] = records[key]
        if progress:
            progress(len(items), len(items))
    if not found:
        raise DataError("no image could be measured")
    measured = {key: items[key] for key in found}
    by_set: dict[str, list[Record]] = {}
    for key, item in measured.items():
        by_set.setdefault(item.image.dataset, []).append(found[key])
    left_out = lost + len(items) - len(found)
    report = {**said, "images": len(found), "images_left_out": left_out, **task.report(by_set)}
    if folder:
        blocks = [
            *_left_out(left_out),
            *task.blocks(report),
            *task.gallery(measured, found),
            *_examples(task, turn, measured, found, attempt),
        ]
        lead = f"{facts.get('model', 'model')}, {len(found)} images of {', '.join(by_set)}"
        _replace(folder / PAGE, page_of(task.title, lead, blocks))
        # Last: where it is, everything is.
        _replace(folder / REPORT, json.dumps(report, indent=1) + "\n")
    return report


def _measured(task: Task, turn: Turn, item: Item) -> Record:
    with turn() as predictor:
        return task.measure(predictor, item)


def _left_out(images: int) -> list[Block]:
    if not images:
        return []
    return [Words(f"Left out, because they could not be looked at: {images} images.")]


def _examples(
    task: Task, turn: Turn, items: Mapping[str, Item], records: Mapping[str, Record], attempt: Attempt
) -> list[Block]:
    """The images on which the model did worst and best."""
    rated = [(quality, key) for key in items if (quality := task.quality(records[key])) is not None]
    rated.sort()
    worst, best = rated[:EXAMPLES], rated[EXAMPLES:][-EXAMPLES:][::-1]
    blocks: list[Block] = []
    for title, chosen in (("Worst", worst), ("Best", best)):
        drawn = [
            attempt(items[key], partial(_picture, task, turn, items[key], records[key], quality))
            for quality, key in chosen
        ]
        pictures = [picture for picture in drawn if picture is not None]
        if pictures:
            blocks += [Heading(title), Pictures(pictures)]
    return blocks


def _picture(task: Task, turn: Turn, item: Item, record: Record, quality: float) -> Picture:
    with turn() as predictor:
        image = task.picture(predictor, item, record)
    return picture_of(image, f"{item.key}: {quality:.3f}")


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
