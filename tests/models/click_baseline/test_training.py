"""The command end to end: it learns, it resumes as if nothing had happened, it answers on photographs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.cli import train_click_baseline
from models.sam.click_baseline.answering import BaselineAnswers, ClickBaseline
from models.sam.click_baseline.simulation import ClickSimulation, first_clicks
from models.sam.click_baseline.weights import TrainedClickNetwork, load_click_network
from models.sam.click_baseline.zoom import view_of
from models.sam.evaluation.clicking import click_steps
from models.sam.evaluation.clicks import farthest_point
from models.sam.training.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from models.sam.training.trainer import Trainer
from tests.models.click_baseline.painted import painted_set, scene, train


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return painted_set(tmp_path_factory.mktemp("data") / "painted.tar")


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedClickNetwork:
    folder = tmp_path_factory.mktemp("run")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    checkpoint = train(data, folder, "--steps", "150", "--lr", "5e-3")
    torch.set_num_threads(before)
    return load_click_network(checkpoint)


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


def histories(trained: TrainedClickNetwork, seed: int, clicks: int) -> np.ndarray:
    """IoUs [clicks, 3] on a scene."""
    photograph, masks = scene(seed)
    baseline = ClickBaseline(trained.network, trained.side, trained.whole)
    answers = BaselineAnswers(baseline, photograph, len(masks))
    first = [farthest_point(mask)[0] for mask in masks]
    return np.array([step.ious for step in click_steps(answers, masks, first, clicks)])


def test_it_learns_painted_scenes(trained: TrainedClickNetwork) -> None:
    found = np.concatenate([histories(trained, seed, 3) for seed in (100, 101)], axis=1)
    assert found[0].mean() > 0.6
    assert found[-1].mean() > 0.6
    assert (trained.steps, trained.side, trained.whole) == (150, 64, 64)


def test_a_mirrored_photograph_has_the_mirrored_answer(trained: TrainedClickNetwork) -> None:
    photograph, masks = scene(100)
    baseline = ClickBaseline(trained.network, 64, 64)
    view, nothing = view_of((0, 0, 96, 96), 64), np.zeros((1, 96, 96), np.float32)
    x, y = farthest_point(masks[0])[0]
    one = np.array([[1]])
    straight = baseline.probabilities(photograph, [view], np.array([[[x, y]]]), one, nothing)
    mirrored = baseline.probabilities(
        photograph[:, ::-1].copy(), [view], np.array([[[95 - x, y]]]), one, nothing
    )
    np.testing.assert_allclose(mirrored[..., ::-1], straight, atol=1e-4)


def test_nothing_is_found_outside_the_window(trained: TrainedClickNetwork) -> None:
    photograph, _ = scene(100)
    baseline = ClickBaseline(trained.network, 64, 64)
    views = [view_of((20, 30, 60, 70), 64), view_of((0, 0, 30, 40), 64)]
    clicks, labels = np.array([[[40, 50]], [[10, 10]]]), np.ones((2, 1), np.int64)
    found = baseline.probabilities(photograph, views, clicks, labels, np.zeros((2, 96, 96), np.float32))
    assert found[0, 30:70, 20:60].min() > 0
    found[0, 30:70, 20:60] = found[1, :40, :30] = 0
    assert not found.any()


def test_the_second_click_is_answered_on_a_window(trained: TrainedClickNetwork) -> None:
    photograph, masks = scene(100)
    answers = BaselineAnswers(ClickBaseline(trained.network, 64, 128), photograph, 1)
    point = farthest_point(masks[0])[0]
    mask = answers(np.array([0]), np.array([[point]], np.float64), np.ones((1, 1), np.int64))
    assert mask.any()
    assert answers.windows == [None]
    answers(np.array([0]), np.array([[point, point]], np.float64), np.ones((1, 2), np.int64))
    assert answers.windows[0] is not None
    x0, y0, x1, y1 = answers.windows[0]
    assert x0 <= point[0] < x1
    assert y0 <= point[1] < y1


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    train(data, whole, "--steps", "6")
    take_step = Trainer._step

    def step_then_stop(self: Trainer, batches: list[Any]) -> dict[str, float]:
        numbers = take_step(self, batches)
        self.stop_asked = self.step == 3
        return numbers

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "_step", step_then_stop)
        train(data, halves, "--steps", "6")
    assert len(losses(halves)) == 3
    train(data, halves, "--steps", "6", "--resume")
    assert losses(halves) == losses(whole)
    ends = [load_checkpoint(folder / "last.pt") for folder in (whole, halves)]
    for part in ("model", "average"):
        one, other = (end[part]["weights"] if part == "average" else end[part] for end in ends)
        assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_first_clicks_lie_where_their_labels_say() -> None:
    target = torch.zeros(40, 16, 16, dtype=torch.bool)
    target[:, 4:9, 5:12] = True
    inside = torch.ones_like(target)
    inside[:, 13:] = False
    generator = torch.Generator().manual_seed(0)
    coords, labels = first_clicks(target, inside, ClickSimulation(), generator)
    assert (labels[:, 0] == 1).all()
    assert {-1, 0, 1} == set(labels.unique().tolist())
    cells = (coords / 4).long()
    on = target[0][cells[..., 1], cells[..., 0]]
    beside = (inside & ~target)[0][cells[..., 1], cells[..., 0]]
    assert on[labels == 1].all()
    assert beside[labels == 0].all()


def test_a_mask_that_fills_the_view_gets_no_click_beside_it() -> None:
    everything = torch.ones(20, 8, 8, dtype=torch.bool)
    _, labels = first_clicks(everything, everything, ClickSimulation(), torch.Generator().manual_seed(0))
    assert not (labels == 0).any()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--steps", "1", "--stages", "50x2:1"], "multiples of 32"),
        (["--steps", "1", "--resume"], "no checkpoint"),
        ([], "either steps or max_seconds"),
    ],
)
def test_bad_input_is_one_line(
    data: Path, tmp_path: Path, extra: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(data), "--out", str(tmp_path), "--network", "click_pyramid_tiny", *extra]
    assert train_click_baseline.main(arguments) == 1
    error = capsys.readouterr().err.strip()
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last.pt", {"model_name": "tiny", "stage": "mae"})
    with pytest.raises(CheckpointError, match="stage mae and tiny, not of a click baseline"):
        load_click_network(tmp_path / "last.pt")
