"""A run from beginning to end: what is left out of it, and how it goes on."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import PIL.Image
import pytest

from models.sam.charts import bars
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.report_page.blocks import Block, Words
from models.sam.evaluation.run import run_task
from models.sam.evaluation.task import Item, Record, Task
from models.sam.predictor import SamPredictor
from models.sam.rle import encode
from models.sam.training.data_sources import AnnotatedImage, DataError
from models.sam.training.shard import write_images
from tests.builders import make_file

Found = TypeVar("Found")
SIDE = 24


class Counting(Task):
    """Counts the masks of an image, and refuses those that are named."""

    name, title = "counting", "Counting"

    def __init__(self, refused: Sequence[str] = (), unseen: Sequence[str] = ()) -> None:
        super().__init__(EvaluationConfig(min_area=1))
        self.refused, self.unseen = refused, unseen
        self.asked: list[str] = []

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        self.asked.append(item.image.file_name)
        if item.image.file_name in self.refused:
            raise RuntimeError("no")
        return {"masks": len(item.segmentations)}

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        return {"masks": sum(record["masks"] for found in records.values() for record in found)}

    def table(self, report: Record) -> str:
        return str(report["masks"])

    def blocks(self, report: Record) -> list[Block]:
        return [Words(f"{report['masks']} masks")]

    def quality(self, record: Record) -> float | None:
        return 0.5

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> PIL.Image.Image:
        if item.image.file_name in self.unseen:
            raise RuntimeError("no")
        return PIL.Image.fromarray(item.image.pixels())


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """Four images of a mask each."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[4:12, 6:18] = True
    images = [
        AnnotatedImage(
            "x",
            f"{place}.png",
            SIDE,
            SIDE,
            "val",
            make_file(PIL.Image.new("RGB", (SIDE, SIDE))),
            [encode(mask)],
        )
        for place in range(4)
    ]
    write_images(images, tmp_path / "few.tar")
    return tmp_path / "few.tar"


def forgiving(item: Item, look: Callable[[], Found], /) -> Found | None:
    try:
        return look()
    except RuntimeError:
        return None


def run(task: Task, shard: Path, folder: Path | None = None, **more: Any) -> Record:
    # Nobody here asks the model anything.
    predictor: Any = None
    return run_task(task, lambda: nullcontext(predictor), [shard], {"model": "m"}, folder, **more)


def test_without_an_attempt_of_ones_own_what_is_wrong_with_an_image_ends_the_run(shard: Path) -> None:
    with pytest.raises(RuntimeError):
        run(Counting(["2.png"]), shard)


def test_images_left_out_are_counted_and_told(shard: Path, tmp_path: Path) -> None:
    task = Counting(["0.png", "2.png"], unseen=["1.png"])
    report = run(task, shard, tmp_path / "out", attempt=forgiving, lost=3)
    assert (report["images"], report["images_left_out"], report["masks"]) == (2, 5, 2)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "5 images" in page
    # Of the two that were measured one could not be drawn.
    assert ("few/3.png: 0.500" in page, "few/1.png" in page) == (True, False)
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == report


def test_where_all_are_left_out_there_is_no_report(shard: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could be measured"):
        run(Counting([f"{place}.png" for place in range(4)]), shard, tmp_path / "out", attempt=forgiving)
    assert not (tmp_path / "out" / "report.json").exists()


def test_what_was_measured_is_not_asked_again_and_what_was_left_out_is(shard: Path, tmp_path: Path) -> None:
    run(Counting(["2.png"]), shard, tmp_path / "out", attempt=forgiving)
    again = Counting()
    report = run(again, shard, tmp_path / "out", attempt=forgiving)
    assert again.asked == ["2.png"]
    assert (report["images"], report["images_left_out"]) == (4, 0)


def test_a_dollar_in_a_name_is_no_formula() -> None:
    """Names of classes are people's own."""
    drawing = bars(["co$t $\\x$"], [0.5], x_label="share")
    assert "co$t $\\x$" in drawing
