"""The detector learns to find what is there, tells it in the photograph's frame, and is kept in a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.cli.train_detector import main
from models.sam.artifact import load_artifact
from models.sam.detection.detect import DetectedBoxes, DetectionSettings, detect
from models.sam.detection.learning import LearningConfig, learn, new_detector, one_cycle
from models.sam.detection.masks import masks_in
from models.sam.detection.recall import average_recall, box_ious
from models.sam.detection.views import EmbeddedView, boxes_in, embedded_views
from models.sam.detection.weights import load_detector, save_detector
from models.sam.errors import ModelError
from models.sam.load import load_model
from models.sam.mask_generation.generator import records_of
from models.sam.mask_generation.settings import GeneratorSettings
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.rle import decode
from models.sam.training.augmentation import View
from models.sam.training.data_sources import read_images
from models.sam.training.image_masks import ImageMasks
from models.sam.training.shard import write_images

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SIDE = 16


def painted(seed: int) -> EmbeddedView:
    """An embedding on which things are where the first channel is 1."""
    rng = np.random.default_rng(seed)
    embedding = torch.randn(4, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)) * 0.1
    boxes = []
    for row in (1, 9):
        for column in (1, 9):
            height, width = rng.integers(2, 7, 2)
            embedding[0, row : row + height, column : column + width] += 1
            boxes.append([column / SIDE, row / SIDE, (column + width) / SIDE, (row + height) / SIDE])
    return EmbeddedView(embedding.half(), torch.tensor(boxes, dtype=torch.float32))


def test_it_learns_to_find_things_it_has_not_seen() -> None:
    views = [painted(seed) for seed in range(40)]
    detector = learn(new_detector((1, 4, SIDE, SIDE)), views, LearningConfig(least_steps=150, epochs=1))
    assert detector.levels == 4
    found, truths = [], []
    for seed in range(100, 110):
        view = painted(seed)
        encoded = EncodedImage(view.embedding[None], (SIDE * 10, SIDE * 10), (SIDE, SIDE))
        detected = detect(detector, encoded, DetectionSettings(least_score=0.3))
        assert list(detected.scores) == sorted(detected.scores, reverse=True)
        found.append(detected.boxes)
        truths.append(view.boxes.numpy() * SIDE * 10)
    assert average_recall(found, truths, 10, np.array([0.5])) > 0.9
    # Of what it is sure of nothing is invented: four things, and nothing else.
    assert max(map(len, found)) <= 6


def test_what_lies_in_the_padding_is_no_part_of_the_photograph() -> None:
    detector = new_detector((1, 4, SIDE, SIDE))
    encoded = EncodedImage(torch.randn(1, 4, SIDE, SIDE), (30, 100), (5, SIDE))
    detected = detect(detector, encoded, DetectionSettings(least_score=0.0, most=7))
    assert len(detected.boxes) == 7
    assert detected.boxes.min() >= 0
    assert detected.boxes[:, 2].max() <= 100
    assert detected.boxes[:, 3].max() <= 30


def test_boxes_of_a_view_are_cut_placed_and_mirrored() -> None:
    view = View((10.0, 0.0, 30.0, 20.0), height=40, width=40, mirrored=True)
    boxes = np.array([[12.0, 5, 20, 10], [0, 0, 11, 20], [25, 10, 35, 30]])
    # The second shows a tenth of itself; the third a quarter.
    np.testing.assert_allclose(boxes_in(view, boxes), [[20, 10, 36, 20]])


def test_recall_counts_each_thing_once() -> None:
    truths = [np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])]
    twice = [np.array([[0.0, 0, 10, 10], [0, 0, 10, 10], [20, 0, 30, 8]])]
    assert average_recall(twice, truths, 2, np.array([0.5])) == 0.5
    assert average_recall(twice, truths, 3, np.array([0.5])) == 1
    # The last overlaps by 0.8: at 0.5, 0.55 ... 0.8 both are found, at 0.85, 0.9, 0.95 one is.
    assert average_recall(twice, truths, 3) == pytest.approx((7 * 1 + 3 * 0.5) / 10)
    assert np.isnan(average_recall([np.zeros((0, 4))], [np.zeros((0, 4))], 3))
    assert average_recall([np.zeros((0, 4))], truths, 3) == 0


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 4), min_size=1, max_size=6))
def test_what_is_found_exactly_is_found(corners: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([[min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1] for a, b, c, d in corners], float)
    assert average_recall([boxes], [boxes], len(boxes)) == 1
    ious = box_ious(boxes, boxes)
    np.testing.assert_allclose(ious, ious.T)
    np.testing.assert_allclose(ious.diagonal(), 1)


def test_the_rate_goes_up_and_down_once() -> None:
    rates = [one_cycle(share, 0.1) for share in np.linspace(0, 1, 101)]
    assert rates[0] == 0
    assert max(rates) == rates[10] == 1
    assert rates[-1] == pytest.approx(0)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_no_views_are_refused() -> None:
    with pytest.raises(ValueError, match="views to learn from"):
        learn(new_detector((1, 4, 8, 8)), [])


def test_a_file_gives_the_same_detector_back(tmp_path: Path) -> None:
    detector = new_detector((1, 4, SIDE, SIDE), seed=3).eval()
    save_detector(detector, tmp_path / "d.safetensors", model="tiny@0")
    again = load_detector(tmp_path / "d.safetensors")
    embedding = torch.randn(1, 4, SIDE, SIDE)
    torch.testing.assert_close(again(embedding).boxes, detector(embedding).boxes, atol=1e-2, rtol=1e-2)
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be read"):
        load_detector(tmp_path / "bad.safetensors")


def test_masks_of_boxes_are_those_the_model_gives_for_them() -> None:
    predictor = SamPredictor(load_model("anymask_s", None, "cpu"))
    image = ImageMasks(read_images(SAMPLE)[0], 1.0)
    (encoded,) = predictor.encode([image.pixels])
    boxes = image.boxes_xyxy[:3].astype(np.float32)
    settings = GeneratorSettings(pred_iou_thresh=0, stability_score_thresh=0)
    found = masks_in(predictor, encoded, DetectedBoxes(boxes, np.ones(3, np.float32)), settings)
    records = records_of(found, encoded.original_size, settings)
    assert len(records) == 3
    records.sort(key=lambda record: record["point_coords"][0])
    order = sorted(range(3), key=lambda index: ((boxes[index, :2] + boxes[index, 2:]) / 2).tolist())
    for index, record in zip(order, records, strict=True):
        expected = predictor.predict(box=boxes[index], multimask_output=False, image=encoded)
        np.testing.assert_array_equal(decode(record["segmentation"]), expected.masks[0])
        assert record["predicted_iou"] == pytest.approx(float(expected.iou_predictions[0]), abs=1e-5)
        assert record["crop_box"] == [0, 0, encoded.original_size[1], encoded.original_size[0]]
    twice = DetectedBoxes(np.concatenate([boxes, boxes]), np.ones(6, np.float32))
    assert (
        len(records_of(masks_in(predictor, encoded, twice, settings), encoded.original_size, settings)) == 3
    )
    strict = GeneratorSettings(pred_iou_thresh=0.999, stability_score_thresh=0)
    assert masks_in(predictor, encoded, twice, strict).count == 0


def test_the_command_learns_from_masks_and_tells_how_well(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = tmp_path / "data.tar"
    images = read_images(SAMPLE)
    write_images([replace(image, split="val" if image is images[0] else "train") for image in images], shard)
    arguments = [
        "--model",
        str(tiny_folder),
        "--data",
        str(shard),
        "--output",
        str(tmp_path / "d.safetensors"),
    ]
    assert main([*arguments, "--views", "6", "--epochs", "1"]) == 0
    told = capsys.readouterr().out
    assert "embedded 6 of 6 views" in told
    assert "ar_100" in told
    detector = load_detector(tmp_path / "d.safetensors")
    views = embedded_views(load_artifact(tiny_folder), read_images(SAMPLE), 2, np.random.default_rng(0))
    assert detector(views[0].embedding[None].float()).logits.isfinite().all()
    assert main([*arguments[:-1], str(tmp_path / "none" / "d.safetensors"), "--views", "0"]) == 1
