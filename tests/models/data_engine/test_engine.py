"""The loop in a folder: what is held out is never learned from, and a run that was killed goes on as it would have."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models.sam.data_engine.annotator import Terms
from models.sam.data_engine.engine import EngineConfig, run_engine
from models.sam.data_engine.report import FIGURES, draw_rounds, table
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.training.data_sources import DataError, read_images
from models.sam.training.shard import write_images

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture
def config(tmp_path: Path, tiny_folder: Path) -> EngineConfig:
    """Two rounds of one image each, two seconds of training; one image held out."""
    images = [
        replace(
            image,
            split="val" if number == 0 else "train",
            segmentations=image.segmentations[:3],
            categories=[],
        )
        for number, image in enumerate(read_images(SAMPLE))
    ]
    write_images(images, tmp_path / "set.tar")
    return EngineConfig(
        data=str(tmp_path / "set.tar"),
        parent=str(tiny_folder),
        rounds=1,
        images_per_round=3,
        terms=Terms(0.5, most_clicks=2),
        max_seconds=2.0,
        held_out=EvaluationConfig(limit=1, max_masks_per_image=2, min_area=1),
    )


def test_a_round_labels_trains_and_measures(
    config: EngineConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of three images none would be the fifth.
    monkeypatch.setattr("models.sam.data_engine.engine.MEASURED_ONE_IN", 3)
    folder = tmp_path / "run"
    rows = run_engine(config, folder, lambda line: None)
    assert [row["round"] for row in rows] == [0, 1]
    assert rows[0]["images"] == 3
    assert rows[0]["masks"] == 9
    assert rows[0]["model"] != rows[1]["model"]
    assert "masks" not in rows[1]
    learned = read_images(folder / "round0" / "retraining" / "data.tar")
    held_out = {image.file_name for image in read_images(Path(config.data), "val")}
    assert {image.file_name for image in learned} & held_out == set()
    assert sorted(image.split for image in learned) == ["train", "train", "val"]
    assert table(rows).count("\n") == 3
    picture = ElementTree.fromstring(draw_rounds(rows))
    curves = [element.attrib["id"] for element in picture.iter() if "curve-" in element.attrib.get("id", "")]
    assert curves == [f"curve-{figure.key}" for figure in FIGURES]

    # Killed before the last model was measured: the rest is done, what was done stays.
    before = json.loads((folder / "round0" / "labels.json").read_text())
    shutil.rmtree(folder / "round1")
    assert run_engine(config, folder, lambda line: None) == rows
    assert json.loads((folder / "round0" / "labels.json").read_text()) == before
    with pytest.raises(ValueError, match="another configuration"):
        run_engine(replace(config, seed=1), folder, lambda line: None)


def test_too_few_photographs_are_told_before_anything_is_done(config: EngineConfig, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="need more than 3"):
        run_engine(replace(config, rounds=2), tmp_path / "run", lambda line: None)
