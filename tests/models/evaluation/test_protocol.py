"""The evaluation command end to end, on four CC0 micrographs, with the shipped weights and with doubles that know."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.cli import evaluate
from models.sam.artifact import SHIPPED_WEIGHTS
from models.sam.boxes import tight_box
from models.sam.build import build_sam
from models.sam.evaluation.clicking import ious
from models.sam.evaluation.protocol import EvaluationConfig, evaluate_set, score_masks
from models.sam.evaluation.report import report_of
from models.sam.predictor import SamPredictor
from models.sam.rle import decode
from models.sam.weights import weights_metadata

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
KEYS = ("box_miou", "click1_top_miou", "click1_best_miou", "click3_miou", "click5_miou")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the command writes for the shipped model."""
    output = tmp_path_factory.mktemp("report") / "report.json"
    assert evaluate.main(["--data", str(SAMPLE), "--model", "anymask_s", "--json", str(output)]) == 0
    return json.loads(output.read_text())


def test_the_report_holds_the_stable_keys(report: dict[str, object]) -> None:
    assert {"images", "masks", "by_size", "seconds", *KEYS} <= set(report)
    assert report["images"] == 4
    assert report["masks"] == 49


def test_the_shipped_weights_segment_nuclei(report: dict[str, float]) -> None:
    # Measured .793, .722 and .817; random weights stay below .1.
    assert report["box_miou"] > 0.75
    assert report["click1_best_miou"] > 0.68
    assert report["click5_miou"] > 0.77


def test_more_clicks_and_the_oracle_do_not_hurt(report: dict[str, float]) -> None:
    assert report["click1_best_miou"] >= report["click1_top_miou"]
    assert report["click5_miou"] >= report["click3_miou"] - 0.02


def test_the_header_of_the_shipped_weights_notes_their_figures() -> None:
    file = SHIPPED_WEIGHTS / "anymask_s.safetensors"
    assert file.stat().st_size < 20_000_000
    noted = weights_metadata(file)["metrics"]
    card = (SHIPPED_WEIGHTS / "README.md").read_text()
    for key in KEYS:
        assert f"{noted[key]:.3f}" in card


def test_samples_are_seeded_and_limited() -> None:
    predictor = SamPredictor(build_sam("tiny"))
    config = EvaluationConfig(limit=2, max_masks_per_image=3)
    first, again = (evaluate_set(predictor, SAMPLE, config) for _ in range(2))
    assert first.images == 2
    assert len(first.scores) == 6
    assert [score.area for score in first.scores] == [score.area for score in again.scores]


def test_no_more_masks_are_decoded_than_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []

    def counted(rle: Mapping[str, Any]) -> np.ndarray:
        mask = decode(rle)
        decoded.append(int(mask.sum()))
        return mask

    monkeypatch.setattr("models.sam.evaluation.protocol.decode", counted)
    config = EvaluationConfig(limit=3, max_masks_per_image=2, min_area=300, seed=1)
    score = evaluate_set(SamPredictor(build_sam("tiny")), SAMPLE, config)
    assert decoded == [one.area for one in score.scores]
    # Which masks a seed draws must not change: figures of before would be of other masks. Drawn when all were decoded.
    assert decoded == [2682, 359, 1875, 2184]


def test_masks_below_the_minimal_area_do_not_count() -> None:
    predictor = SamPredictor(build_sam("tiny"))
    score = evaluate_set(predictor, SAMPLE, EvaluationConfig(min_area=400))
    assert score.scores
    assert min(one.area for one in score.scores) >= 400


def test_batching_prompts_does_not_change_scores() -> None:
    torch.manual_seed(0)
    predictor = SamPredictor(build_sam("tiny"))
    predictor.set_image(np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8))
    targets = [np.zeros((60, 80), bool) for _ in range(3)]
    for index, target in enumerate(targets):
        target[10 * index : 10 * index + 15, 5 : 30 + 10 * index] = True
    together = score_masks(predictor, targets)
    apart = [score_masks(predictor, [target])[0] for target in targets]
    assert [score.box for score in together] == pytest.approx([score.box for score in apart], abs=0.02)


def test_boxes_and_ious_are_those_of_pixels() -> None:
    mask = np.zeros((6, 8), bool)
    mask[1:3, 2:7] = True
    assert tight_box(mask) == (2, 1, 7, 3)
    predicted = torch.zeros(1, 2, 6, 8, dtype=torch.bool)
    predicted[0, 0, 1:3, 2:4] = True
    assert ious(predicted, [mask]).tolist() == [[pytest.approx(0.4), 0.0]]


def test_several_sets_are_reported_apart_and_averaged(tmp_path: Path) -> None:
    predictor = SamPredictor(build_sam("tiny"))
    config = EvaluationConfig(limit=1, max_masks_per_image=2)
    other = tmp_path / "other"
    other.symlink_to(SAMPLE, target_is_directory=True)
    sets = [evaluate_set(predictor, path, config) for path in (SAMPLE, other)]
    report = report_of(sets, {})
    assert set(report["datasets"]) == {"sample", "other"}
    means = [entry["box_miou"] for entry in report["datasets"].values()]
    assert report["dataset_mean"]["box_miou"] == pytest.approx(sum(means) / 2, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere", "--model", "anymask_s"], "no data folder"),
        (["--data", str(SAMPLE), "--model", "nothing"], "neither a known model"),
        (["--data", str(SAMPLE), "--model", "vit_b"], "No weights ship"),
        (["--data", str(SAMPLE), "--model", "anymask_s", "--split", "train"], "no image in split"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(arguments) == 1
    error = capsys.readouterr().err.strip()
    assert message in error
    assert len(error.splitlines()) == 1
