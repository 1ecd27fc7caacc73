"""The tasks of the paper by the command, with a tiny model on four micrographs, and what can be known by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.cli import evaluate
from models.sam.boxes import tight_box
from models.sam.detection.network import ObjectDetector
from models.sam.detection.weights import save_detector
from models.sam.evaluation.drawing import nearest_answers
from models.sam.evaluation.instances.boxes import ResultsFile, TrueBoxes
from models.sam.evaluation.instances.task import Instances
from models.sam.evaluation.probe.neighbours import chance, nearest, precision
from models.sam.evaluation.proposals.task import Proposals, groups_of
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.task import Item
from models.sam.mask_embedding import mask_embedding
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.rle import decode, encode
from models.sam.training.data_sources import DataError

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture
def item() -> Item:
    return Instances(EvaluationConfig(max_masks_per_image=None)).items(SAMPLE)[3]


def run(task: str, weights: Path, output: Path, *extra: str) -> dict[str, object]:
    limits = [
        "--task",
        task,
        "--data",
        str(SAMPLE),
        "--model",
        "tiny",
        "--weights",
        str(weights),
        "--limit",
        "2",
    ]
    assert evaluate.main([*limits, "--out", str(output), *extra]) == 0
    assert "<h1>" in (output / "report.html").read_text()
    report = json.loads((output / "report.json").read_text())
    assert report["images"] == 2
    return report


def test_proposals(tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = run("proposals", tiny_safetensors, tmp_path, "--points-per-side", "3")
    printed = capsys.readouterr().out
    for way in ("three", "single"):
        recall = report["ar"][way]  # type: ignore[index]
        assert 0 <= recall["10"]["all"] <= recall["1000"]["all"] <= 1
        # No training split here: nobody knows how frequent a nucleus is.
        assert recall["1000"]["rare"] is None
    assert "SAM ViT-H (paper)" in printed
    assert report["proposals"]["single"] <= 9  # type: ignore[index]


def test_instances(tiny_safetensors: Path, tmp_path: Path) -> None:
    save_detector(ObjectDetector(64, width=8, levels=2), tmp_path / "detector.safetensors", model="tiny@0")
    boxes = results_of_truth(tmp_path / "boxes.json")
    extra = ("--boxes", str(boxes), "--detector", str(tmp_path / "detector.safetensors"))
    report = run("instances", tiny_safetensors, tmp_path / "out", *extra)
    assert set(report["ap"]) == {"truth", "results", "detector"}  # type: ignore[call-overload]
    # The same boxes in the same order, scored otherwise.
    masks = [
        line["record"]["found"]
        for line in map(json.loads, (tmp_path / "out" / "records.jsonl").read_text().splitlines()[1:])
    ]
    for found in masks:
        assert [counts for counts, *_ in found["truth"]["first"]] == [
            counts for counts, *_ in found["results"]["first"]
        ]


def test_probe(tiny_safetensors: Path, tmp_path: Path) -> None:
    report = run("probe", tiny_safetensors, tmp_path)
    [entry] = report["datasets"].values()  # type: ignore[attr-defined]
    assert entry["masks"] > 10
    # One class: every neighbour is of it, and chance says so.
    assert entry["precision_1"] == entry["chance"] == 1


def results_of_truth(path: Path) -> Path:
    coco = json.loads((SAMPLE / "annotations.json").read_text())
    rows = []
    for annotation in coco["annotations"]:
        mask = decode(annotation["segmentation"])
        if mask.sum() < 100:
            continue
        x0, y0, x1, y1 = tight_box(mask)
        box = [x0, y0, x1 - x0, y1 - y0]
        rows.append({"image_id": annotation["image_id"], "category_id": 1, "bbox": box, "score": 0.5})
    path.write_text(json.dumps(rows))
    return path


def test_a_results_file_gives_the_boxes_of_its_image(tmp_path: Path, item: Item, tiny_sam: Sam) -> None:
    source = ResultsFile(results_of_truth(tmp_path / "boxes.json"))
    found, truth = (one.boxes(SamPredictor(tiny_sam), item) for one in (source, TrueBoxes()))
    np.testing.assert_array_equal(found.boxes, truth.boxes)
    assert found.categories == truth.categories == ["nucleus"] * len(found.boxes)
    assert set(found.scores) == {0.5}


def test_a_detector_of_another_model_is_refused(
    tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "detector.safetensors"
    save_detector(ObjectDetector(32, width=8, levels=2), file, model="other@0")
    sets = [
        "--task",
        "instances",
        "--data",
        str(SAMPLE),
        "--model",
        "tiny",
        "--weights",
        str(tiny_safetensors),
    ]
    assert evaluate.main([*sets, "--detector", str(file)]) == 1
    assert "32 channels" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    "text", ["{", '{"a": 1}', '[{"image_id": 1}]', '[{"image_id":1,"category_id":1,"score":1,"bbox":[1]}]']
)
def test_anything_else_is_no_results_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "boxes.json").write_text(text)
    with pytest.raises(DataError, match=r"boxes\.json"):
        ResultsFile(tmp_path / "boxes.json")


def test_classes_are_grouped_by_the_training_images_they_are_on(tmp_path: Path) -> None:
    coco = json.loads((SAMPLE / "annotations.json").read_text())
    for number, image in enumerate(coco["images"]):
        image["split"] = "train"
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images" / image["file_name"]).write_bytes(
            (SAMPLE / "images" / image["file_name"]).read_bytes()
        )
        assert number < 10
    (tmp_path / "annotations.json").write_text(json.dumps(coco))
    assert groups_of(tmp_path) == {f"{tmp_path.name}/nucleus": "rare"}
    task = Proposals(EvaluationConfig(split="train", limit=1), points_per_side=2, is_single_too=False)
    [one] = task.items(tmp_path)
    assert task._truths(one, "rare") == task._truths(one, "all")
    assert task._truths(one, "common") == []


def test_the_mask_of_a_true_box_is_kept_with_its_predicted_quality(item: Item, tiny_sam: Sam) -> None:
    record = Instances(EvaluationConfig()).measure(SamPredictor(tiny_sam), item)
    passes = record["found"]["truth"]
    assert len(passes["first"]) == len(passes["refined"]) == len(record["truths"])
    assert len({score for *_, score in passes["first"]}) > 1


def test_the_nearest_answer_is_found_by_overlap() -> None:
    whole, half = np.ones((4, 4), bool), np.zeros((4, 4), bool)
    half[:2] = True
    assert nearest_answers([encode(half), encode(~half)], [encode(whole), encode(half)]) == [
        (1, 1.0),
        (0, 0.5),
    ]
    assert nearest_answers([encode(half)], [encode(~half)]) == [(-1, 0.0)]
    assert nearest_answers([encode(half)], []) == [(-1, 0.0)]


def test_neighbours_are_of_other_images() -> None:
    vectors = np.array([[1, 0], [1, 0], [0.8, 0.6], [0, 1]], np.float32)
    owners, classes = ["a", "a", "b", "b"], ["cat", "cat", "cat", "dog"]
    found = nearest(vectors, owners, 3)
    assert found.tolist() == [[2, 3, -1], [2, 3, -1], [0, 1, -1], [0, 1, -1]]
    assert precision(classes, found, 1).tolist() == [1, 1, 1, 0]
    assert precision(classes, found, 3).tolist() == [0.5, 0.5, 1, 0]
    assert chance(classes, owners).tolist() == [0.5, 0.5, 1, 0]


def test_one_image_has_no_neighbours() -> None:
    found = nearest(np.eye(2, dtype=np.float32), ["a", "a"], 2)
    assert (found == -1).all()
    assert np.isnan(precision(["x", "x"], found, 1)).all()


def test_what_is_embedded_is_under_the_mask(item: Item, tiny_sam: Sam) -> None:
    pixels, mask = item.image.pixels(), decode(item.segmentations[0])
    assert np.isclose(np.linalg.norm(mask_embedding(SamPredictor(tiny_sam), pixels, mask)), 1, atol=1e-5)


def test_errors_are_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for extra in (
        ["--task", "instances", "--boxes", str(tmp_path / "no.json")],
        ["--task", "proposals", "--points-per-side", "0"],
    ):
        assert evaluate.main(["--data", str(SAMPLE), "--model", "tiny", *extra]) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
