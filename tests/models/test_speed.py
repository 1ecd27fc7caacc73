"""What artifacts note of a model's speed. Nothing here depends on how long anything takes."""

from pathlib import Path

import pytest
import torch

from models.sam.artifact import write_artifact
from models.sam.errors import ModelError
from models.sam.modeling.sam import Sam
from models.sam.speed import measure_speed, seconds_of

FIGURES = ("encoder_seconds", "prepare_seconds", "click_seconds")


class Runs:
    """A clock that each run moves on by the next of the given seconds."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)
        self.now = 0.0

    def __call__(self) -> None:
        self.now += self.seconds.pop(0)

    def median(self, runs: int, enough: float) -> float:
        return seconds_of(self, lambda: self.now, runs, enough)


def test_the_first_run_warms_up_and_the_median_of_the_others_counts() -> None:
    runs = Runs(9.0, 3.0, 1.0, 2.0, 50.0)
    assert runs.median(runs=3, enough=100.0) == 2.0
    assert runs.seconds == [50.0]


def test_what_is_slow_is_run_no_more_than_it_must() -> None:
    assert Runs(70.0).median(runs=3, enough=10.0) == 70.0
    runs = Runs(6.0, 5.0, 1.0)
    assert runs.median(runs=3, enough=10.0) == 5.0
    assert runs.seconds == [1.0]


def test_the_manifest_tells_seconds_and_what_they_were_measured_on(
    tiny_safetensors: Path, tmp_path: Path, one_thread: None
) -> None:
    metrics = write_artifact("tiny", tiny_safetensors, tmp_path).manifest.metrics
    assert set(metrics) == {*FIGURES, "speed_device", "speed_threads"}
    assert all(metrics[name] > 0 for name in FIGURES)
    assert (metrics["speed_device"], metrics["speed_threads"]) == ("cpu", 1)


def test_a_device_that_is_not_there_is_told_and_leaves_no_artifact(
    tiny_sam: Sam, tiny_safetensors: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"device\.unusable.*cuda:99"):
        write_artifact("tiny", tiny_safetensors, tmp_path, timed_on="cuda:99")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_is_named(tiny_sam: Sam, tiny_safetensors: Path, tmp_path: Path) -> None:
    folder = write_artifact("tiny", tiny_safetensors, tmp_path, timed_on=None).folder
    measured = measure_speed(tiny_sam, folder / "prepare.onnx", folder / "click.onnx", "cuda")
    assert measured["speed_device"] != "cuda"
    assert tiny_sam.device.type == "cpu"
