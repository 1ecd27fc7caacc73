"""Evaluations that are killed and go on, what they leave behind, and what a page may hold."""

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

import pytest
from PIL import Image

from models.sam.charts import Line, bars, grouped_bars, lines
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.records import Records
from models.sam.evaluation.report_page.blocks import Block, Plot, Table, Words, picture_of
from models.sam.evaluation.report_page.page import page_of
from models.sam.evaluation.run import run_task
from models.sam.evaluation.task import Item, Record, Task
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import DataError

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


class Counting(Task):
    """Counts masks, and fails at one image if it is told to."""

    name = "counting"
    title = "Masks & more"
    looked_at: ClassVar[list[str]] = []

    def __init__(self, config: EvaluationConfig, fails_at: int | None = None) -> None:
        super().__init__(config)
        self.fails_at = fails_at

    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        if len(self.looked_at) == self.fails_at:
            raise KeyboardInterrupt
        self.looked_at.append(item.key)
        return {"masks": len(item.segmentations), "classes": item.categories}

    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        return {"counts": {name: [one["masks"] for one in found] for name, found in records.items()}}

    def table(self, report: Record) -> str:
        return str(report["counts"])

    def blocks(self, report: Record) -> list[Block]:
        return [Words(f"counts <{report['counts']}>")]

    def quality(self, record: Record) -> float | None:
        return float(record["masks"])

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        return Image.fromarray(item.image.pixels())


@pytest.fixture(autouse=True)
def nothing_looked_at() -> None:
    Counting.looked_at.clear()


def run(sam: Sam, folder: Path | None, fails_at: int | None = None, min_area: int = 100) -> Record:
    predictor = SamPredictor(sam)
    task = Counting(EvaluationConfig(min_area=min_area), fails_at)
    return run_task(task, lambda: nullcontext(predictor), [SAMPLE], {"model": "tiny"}, folder)


def test_a_run_that_was_stopped_looks_at_the_images_that_are_left(tiny_sam: Sam, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tiny_sam, tmp_path, fails_at=3)
    assert not (tmp_path / "report.json").exists()
    report = run(tiny_sam, tmp_path)
    assert len(Counting.looked_at) == len(set(Counting.looked_at)) == 4
    Counting.looked_at.clear()
    assert report == run(tiny_sam, None)
    assert report["counts"] == {"sample": [19, 15, 9, 6]}
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(json.dumps(report))


def test_a_half_written_line_is_measured_again(tiny_sam: Sam, tmp_path: Path) -> None:
    whole = run(tiny_sam, tmp_path)
    file = tmp_path / "records.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    Counting.looked_at.clear()
    assert run(tiny_sam, tmp_path) == whole
    assert len(Counting.looked_at) == 1
    assert len(file.read_text().splitlines()) == 5


def test_a_folder_of_other_settings_is_refused(tiny_sam: Sam, tmp_path: Path) -> None:
    run(tiny_sam, tmp_path)
    before = (tmp_path / "records.jsonl").read_bytes()
    with pytest.raises(ValueError, match="another folder"):
        run(tiny_sam, tmp_path, min_area=50)
    assert (tmp_path / "records.jsonl").read_bytes() == before


def test_images_without_masks_are_nothing_to_measure(tiny_sam: Sam) -> None:
    with pytest.raises(DataError, match="no image"):
        run(tiny_sam, None, min_area=10**6)


def test_records_are_what_will_be_read(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with Records({"sides": (1, 2)}, path) as records:
        records.add("a", {"box": (1, 2), 3: 4})
        assert records["a"] == {"box": [1, 2], "3": 4}
    with Records({"sides": (1, 2)}, path) as records:
        assert "a" in records
        assert records["a"] == {"box": [1, 2], "3": 4}


def test_the_page_needs_nothing_else_and_escapes_what_it_is_told(tiny_sam: Sam, tmp_path: Path) -> None:
    run(tiny_sam, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "<h1>Masks &amp; more</h1>" in page
    assert "counts &lt;{" in page
    assert page.count("data:image/jpeg;base64,") == 4
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page
    assert "<h2>Worst</h2>" in page
    # Four images are all among the worst.
    assert "<h2>Best</h2>" not in page


def test_every_block_is_shown() -> None:
    drawing = bars(["<b>", "c"], [1.0, -0.5], x_label="gain", errors=[0.1, 0.1], notes=["n", ""])
    picture = picture_of(Image.new("RGB", (9, 9)), 'a "quoted" caption')
    page = page_of("T", "lead", [Table(["", "x"], [["<i>", "1"]], frozenset({0})), Plot(drawing, "the plot")])
    assert "<td>&lt;i&gt;</td><td>1</td>" in page
    assert '<tr class="strong">' in page
    assert "<figcaption>the plot</figcaption>" in page
    assert page.count("<svg") == 1
    assert picture.jpeg[:2] == b"\xff\xd8"


def test_drawings_are_the_same_twice_and_well_formed() -> None:
    def drawn() -> list[str]:
        return [
            lines(
                [
                    Line("a", [0, 1], [0, 1], [0, 0.9], [0.1, 1]),
                    Line("paper", [0, 1], [1, 1], is_reference=True),
                ],
                x_label="x",
                y_label="y",
                y_range=(0, 1),
                x_ticks=[0, 1],
            ),
            bars(["a"], [0.5], x_label="x"),
            grouped_bars(["a", "b"], {"one": [0.5, None], "two": [0.1, 0.2]}, y_label="y", y_range=(0, 1)),
        ]

    first = drawn()
    assert first == drawn()
    for svg in first:
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg")
    assert ">paper<" in first[0]
