"""The edge task from data to page, with the tiny model."""

import argparse
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.sam.errors import ModelError
from models.sam.evaluation.edges.task import PAPER, WAYS, Edges
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.run import run_task
from models.sam.evaluation.tasks import TASKS
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from tests.models.evaluation.edges.test_truth import SIZE, write_set


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, tiny_sam: Sam) -> tuple[Path, dict[str, Any], Edges]:
    """Of a set with lines and one without."""
    folder = tmp_path_factory.mktemp("edges")
    bits = np.zeros(SIZE, np.uint8)
    bits[:, 8] = 3
    sets = [write_set(folder / "lines", [1], bits), write_set(folder / "masks", [1, 2], None)]
    task = Edges(EvaluationConfig(min_area=1), levels=5)
    predictor = SamPredictor(tiny_sam)
    found = run_task(task, lambda: nullcontext(predictor), sets, {"model": "tiny"}, folder / "out")
    return folder / "out", found, task


def test_it_is_known_to_the_command() -> None:
    assert TASKS["edges"] is Edges


def test_the_report_has_the_figures_of_the_model_and_of_what_needs_none(
    report: tuple[Path, dict[str, Any], Edges],
) -> None:
    _, found, _ = report
    assert set(found["figures"]) == set(WAYS)
    for figures in [*found["figures"].values(), *found["datasets"]["lines"].values()]:
        assert all(0 <= figures[name] <= 1 for name in ("ods", "ois", "average_precision", "recall_at_half"))
    assert (found["images"], found["of_masks"], found["thresholds"]) == (2, 1, 5)
    assert len(found["curves"]["model"]["recall"]) == len(found["curves"]["model"]["precision"])


def test_the_table_sets_them_beside_the_papers_and_says_what_the_lines_are(
    report: tuple[Path, dict[str, Any], Edges],
) -> None:
    _, found, task = report
    table = task.table(found)
    assert all(name in table for name in [*WAYS.values(), *PAPER])
    assert "on 1 of 2 images the outlines of masks" in table
    assert max(map(len, table.splitlines())) <= 120


def test_records_and_page_are_kept(report: tuple[Path, dict[str, Any], Edges]) -> None:
    folder, found, _ = report
    first, *rest = (json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines())
    assert first["task"] == "edges"
    assert [line["record"]["annotators"] for line in rest] == [2, 2]
    assert len(rest[0]["record"]["counts"]["sobel"]["right"]) == 5
    page = (folder / "report.html").read_text()
    assert "Edge detection" in page
    assert page.count("data:image/jpeg") == 2
    assert json.loads((folder / "report.json").read_text()) == found


def test_a_run_without_thresholds_is_refused() -> None:
    parser = argparse.ArgumentParser()
    Edges.add_options(parser.add_argument_group("edges"))
    with pytest.raises(ModelError, match="at least 1"):
        Edges.from_options(EvaluationConfig(), parser.parse_args(["--thresholds", "0"]))
    assert Edges.from_options(EvaluationConfig(), parser.parse_args([])).levels == 99
