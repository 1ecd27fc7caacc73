"""A retrained model gets a detector where there is enough to learn from, and keeps its parent's where it fits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.sam.artifact import write_artifact
from models.sam.detection.learning import new_detector
from models.sam.detection.weights import load_detector, save_detector
from models.sam.manifest import Manifest, read_manifest, sha256_file
from models.sam.training.data_sources import read_images
from models.sam.training.retrain import retrain
from models.sam.training.retrain_detector import FILE, LEAST_IMAGES, LEAST_MASKS
from models.sam.training.retrain_folder import RetrainSpec, write_spec
from models.sam.training.shard import write_images

Retrained = Callable[..., tuple[dict[str, object], Manifest]]


@pytest.fixture
def retrained(tmp_path: Path, sample: Path, tiny_folder: Path) -> Retrained:
    def run(*, images: int, parent: Path = tiny_folder) -> tuple[dict[str, object], Manifest]:
        folder = tmp_path / "run"
        found = [image for image in read_images(sample) if image.segmentations]
        chosen = [
            replace(found[number % len(found)], file_name=f"{number}.png", split="train" if number else "val")
            for number in range(images + 1)
        ]
        write_images(chosen, folder / "data.tar")
        write_spec(folder, RetrainSpec(str(parent), str(tmp_path / "models"), "decoder", steps=2))
        result = retrain(folder)
        return result, read_manifest(tmp_path / "models" / str(result["name"]) / str(result["version"]))

    return run


def test_enough_masks_give_a_detector_that_is_measured(
    retrained: Retrained, tmp_path: Path, sample: Path
) -> None:
    masks = sum(len(image.segmentations) for image in read_images(sample))
    assert LEAST_IMAGES / 4 * masks >= LEAST_MASKS
    result, manifest = retrained(images=LEAST_IMAGES)
    assert manifest.detector is not None
    folder = tmp_path / "models" / manifest.name / manifest.version
    detector = load_detector(folder / manifest.detector.file)
    assert detector.channels == manifest.embedding_shape[1]
    quality = manifest.metrics["detector"]
    assert result["detector"] == quality
    assert quality["images"] == 1
    assert quality["objects"] > 0
    assert 0 <= quality["ar_10"] <= quality["ar_100"] <= 1


def test_few_images_give_none(retrained: Retrained) -> None:
    result, manifest = retrained(images=LEAST_IMAGES - 1)
    assert (result["detector"], manifest.detector) == (None, None)


def test_the_parents_detector_goes_on_with_the_same_encoder(
    retrained: Retrained, tmp_path: Path, tiny_safetensors: Path
) -> None:
    file = tmp_path / "d.safetensors"
    save_detector(new_detector((1, 64, 16, 16), seed=5), file, model="tiny@0", quality={"ar_100": 0.25})
    parent = write_artifact("tiny", tiny_safetensors, tmp_path / "parents", timed_on=None, detector=file)
    result, manifest = retrained(images=2, parent=parent.folder)
    assert manifest.detector is not None
    assert manifest.detector.sha256 == sha256_file(file)
    assert result["detector"] == {"ar_100": 0.25}


def test_a_detector_that_was_finished_is_not_made_again(retrained: Retrained, tmp_path: Path) -> None:
    """As after a kill between the detector and the artifact."""
    file = tmp_path / "run" / FILE
    file.parent.mkdir()
    save_detector(new_detector((1, 64, 16, 16), seed=6), file, model="tiny@0")
    _, manifest = retrained(images=LEAST_IMAGES)
    assert manifest.detector is not None
    assert manifest.detector.sha256 == sha256_file(file)
