"""A retraining in a folder: parts by memory, a child measured against its parent, a run that was killed goes on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from models.cli import retrain as command
from models.sam.artifact import load_artifact
from models.sam.training.comparison import mean_miou
from models.sam.training.data_sources import DataError, read_images
from models.sam.training.retrain import retrain
from models.sam.training.retrain_folder import RetrainSpec, curve, write_json, write_spec
from models.sam.training.retrain_plan import GIB, VIT_B_ENCODER, Parts, capacity_of, parts_by_default
from models.sam.training.shard import write_images
from models.sam.training.trainer import Trainer
from models.sam.training.validation import SAMPLE, picking_only
from models.sam.weights import load_weights


@pytest.fixture
def folder(tmp_path: Path, sample: Path, tiny_folder: Path) -> Path:
    """Three images to train on, one to measure; three steps of the tiny model's decoder."""
    images = [
        replace(
            image,
            split="val" if number == 0 else "train",
            segmentations=image.segmentations[:4],
            categories=[],
        )
        for number, image in enumerate(read_images(sample))
    ]
    folder = tmp_path / "run"
    write_images(images, folder / "data.tar")
    write_spec(folder, RetrainSpec(str(tiny_folder), str(tmp_path / "models"), steps=3))
    return folder


@pytest.mark.parametrize(
    ("device", "gibibytes", "parts", "objects"),
    [
        ("cpu", 64, "all", 15),
        ("cpu", 32, "all", 10),
        ("cpu", 16, "decoder_and_prompts", 10),
        ("cpu", 4, "decoder", 4),
        ("cuda", 80, "all", 40),
        ("cuda", 15.5, "all", 10),
        ("cuda", 8, "decoder_and_prompts", 10),
        ("cuda", 4, "decoder", 4),
    ],
)
def test_parts_follow_the_memory_as_in_micro_sams_table(
    device: str, gibibytes: float, parts: str, objects: int
) -> None:
    capacity = capacity_of(device, int(gibibytes * GIB), VIT_B_ENCODER)
    assert (capacity.parts, capacity.objects) == (parts, objects)


def test_a_small_model_needs_less_and_a_large_one_more() -> None:
    assert capacity_of("cuda", 4 * GIB, VIT_B_ENCODER // 5).parts == Parts.ALL
    assert capacity_of("cuda", 24 * GIB, VIT_B_ENCODER * 7).parts == Parts.DECODER
    # A model of nothing still needs room for prompts and decoder.
    assert capacity_of("cuda", GIB // 2, 1).parts == Parts.DECODER


def test_a_cpu_trains_the_decoder_unless_somebody_says_otherwise() -> None:
    assert parts_by_default("cpu", capacity_of("cpu", 64 * GIB, VIT_B_ENCODER)) == Parts.DECODER
    assert parts_by_default("cuda", capacity_of("cuda", 24 * GIB, VIT_B_ENCODER)) == Parts.ALL


def test_a_child_is_measured_against_its_parent_and_keeps_what_was_frozen(
    folder: Path, tmp_path: Path, tiny_folder: Path
) -> None:
    result = retrain(folder)
    assert (result["step"], result["parts"], result["resumed_at"]) == (3, "decoder", None)
    assert result["is_same_encoder"]
    for name in ("parent", "child"):
        figures = result["metrics"][name]
        assert (figures["images"], figures["masks"]) == (1, 4)
        assert figures["mean_miou"] == mean_miou(figures)
    difference = result["metrics"]["difference"]
    change = result["metrics"]["child"]["mean_miou"] - result["metrics"]["parent"]["mean_miou"]
    assert difference["mean"] == pytest.approx(change, abs=2e-4)
    # One image is no sample.
    assert (difference["low"], difference["high"], difference["images"]) == (None, None, 1)
    assert not difference["is_held_out"]
    made = tmp_path / "models" / "tiny" / result["version"]
    assert json.loads((made / "manifest.json").read_text())["metrics"]["retrained_from"] == (
        f"tiny@{tiny_folder.name}"
    )
    before, after = load_artifact(tiny_folder).state_dict(), load_artifact(made).state_dict()
    changed = {name for name, value in after.items() if not value.equal(before[name])}
    assert changed
    assert all(name.startswith("mask_decoder.") for name in changed)
    with Image.open(folder / "pictures.jpg") as picture:
        assert picture.width > 600
    points = curve(folder)
    assert [point["step"] for point in points if "val" in point] == [0, 1, 2, 3]
    # Run again, it finds all done and answers the same.
    assert retrain(folder) == result


def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_step = Trainer._step

    def die(self: Trainer, batches: list[object]) -> dict[str, float]:
        if self.step == 2:
            raise KeyboardInterrupt
        return take_step(self, batches)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", die)
        with pytest.raises(KeyboardInterrupt):
            retrain(folder)
    result = retrain(folder)
    assert (result["resumed_at"], result["step"]) == (2, 3)
    whole = tmp_path / "whole"
    whole.mkdir()
    for name in ("data.tar", "spec.json"):
        (whole / name).write_bytes((folder / name).read_bytes())
    again = retrain(whole)
    assert again["metrics"]["child"]["mean_miou"] == result["metrics"]["child"]["mean_miou"]
    children = [load_weights(one / "child.safetensors") for one in (whole, folder)]
    assert all(torch.equal(value, children[1][name]) for name, value in children[0].items())


def test_the_encoder_learns_where_all_is_asked_for(folder: Path, tmp_path: Path, tiny_folder: Path) -> None:
    write_spec(folder, RetrainSpec(str(tiny_folder), str(tmp_path / "models"), parts="all", steps=1))
    result = retrain(folder)
    assert not result["is_same_encoder"]
    made = load_artifact(tmp_path / "models" / "tiny" / result["version"]).state_dict()
    # Stored as float16, all of it.
    assert all(torch.equal(value, value.half().float()) for value in made.values())


def test_time_ends_a_run_of_many_steps(folder: Path, tmp_path: Path, tiny_folder: Path) -> None:
    spec = RetrainSpec(str(tiny_folder), str(tmp_path / "models"), steps=100_000, max_seconds=1.0)
    write_spec(folder, spec)
    assert 1 <= retrain(folder)["step"] < 1000


def test_without_a_mask_to_measure_nothing_is_trained(
    folder: Path, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = [
        replace(
            image,
            split="val" if number == 0 else "train",
            segmentations=image.segmentations[:number],
            categories=[],
        )
        for number, image in enumerate(read_images(sample))
    ]
    write_images(images, folder / "data.tar")
    with pytest.raises(DataError, match="large enough"):
        retrain(folder)
    assert command.main([str(folder)]) == 1
    assert capsys.readouterr().err.startswith("retrain: no val image")


def test_of_many_val_images_those_that_pick_the_average_do_not_measure_it(
    folder: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [
        replace(
            image,
            split="train" if number == 0 else "val",
            segmentations=image.segmentations[:2],
            categories=[],
        )
        for number, image in enumerate(read_images(sample))
    ]
    write_images(images, folder / "data.tar")
    monkeypatch.setattr("models.sam.training.validation.APART_FROM", 3)
    monkeypatch.setattr("models.sam.training.validation.SAMPLE", replace(SAMPLE, limit=1))
    (picking,) = picking_only(folder / "data.tar")
    difference = retrain(folder)["metrics"]["difference"]
    assert (difference["images"], difference["is_held_out"]) == (2, True)
    assert difference["low"] <= difference["mean"] <= difference["high"]
    # Measured once: what is known is not measured again, by whatever it was.
    (folder / "result.json").unlink()
    assert retrain(folder)["metrics"]["difference"] == difference
    assert picking in {image.file_name for image in images[1:]}
    monkeypatch.setattr("models.sam.training.validation.APART_FROM", 4)
    assert picking_only(folder / "data.tar") == frozenset()


def test_the_last_step_is_validated_once_however_often_the_end_is_reached(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("models.sam.training.retrain.write_json", die_at("trained.json"))
        with pytest.raises(KeyboardInterrupt):
            retrain(folder)
    assert retrain(folder)["step"] == 3
    assert [point["step"] for point in curve(folder) if "val" in point] == [0, 1, 2, 3]


def die_at(name: str) -> Callable[..., None]:
    def write(path: Path, content: Mapping[str, Any]) -> None:
        if path.name == name:
            raise KeyboardInterrupt
        write_json(path, content)

    return write
