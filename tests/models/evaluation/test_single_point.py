"""Clicks in full: histories and figures by hand, the command end to end with a model and a baseline that know little."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.cli import evaluate
from models.sam.evaluation.clicking import SamAnswers, click_steps, clicked
from models.sam.evaluation.clicks import farthest_point
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.single_point.figures import figures, lead_ends
from models.sam.evaluation.single_point.measuring import (
    BASELINE,
    CENTRE,
    LEAST,
    MOST,
    ORACLE,
    RANDOM,
    TOP,
    clicks_to,
    first_clicks,
    histories,
)
from models.sam.evaluation.single_point.task import SinglePoint
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import AnnotatedImage
from tests.models.click_baseline.painted import painted_set, scene, train

SHORT = (
    "box_miou",
    "click1_top_miou",
    "click1_best_miou",
    "click3_miou",
    "click5_miou",
    "by_size",
    "dataset_mean",
)


class GrowingAnswers:
    """Answers the true mask's first rows, a fixed share more with every click, and notes who was asked."""

    def __init__(self, targets: list[np.ndarray], shares: list[float]) -> None:
        self.targets, self.shares = targets, shares
        self.asked: list[list[int]] = []

    def __call__(self, rows: np.ndarray, coords: np.ndarray, labels: np.ndarray) -> Tensor:
        self.asked.append(rows.tolist())
        masks = []
        for row in rows:
            target = self.targets[row].copy()
            ys = np.flatnonzero(target.any(axis=1))
            target[ys[0] + round(min(1, labels.shape[1] * self.shares[row]) * len(ys)) :] = False
            masks.append(target)
        return torch.from_numpy(np.stack(masks))


def bars() -> list[np.ndarray]:
    masks = [np.zeros((110, 60), bool) for _ in range(2)]
    masks[0][5:105, 2:20] = True
    masks[1][5:105, 30:50] = True
    return masks


def test_clicks_go_on_until_a_mask_is_good_and_not_before_all_have_their_nine() -> None:
    targets = bars()
    answers = GrowingAnswers(targets, [0.05, 0.2])
    found = histories(lambda _: answers, targets, [farthest_point(mask)[0] for mask in targets], together=2)
    assert found[0] == pytest.approx([0.05 * count for count in range(1, 19)])
    assert found[1] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1])
    assert answers.asked == [[0, 1]] * LEAST + [[0]] * 9


def test_nobody_is_asked_more_than_twenty_times() -> None:
    targets = bars()[:1]
    answers = GrowingAnswers(targets, [0.01])
    (found,) = histories(lambda _: answers, targets, [(10, 50)], together=1)
    assert len(found) == len(answers.asked) == MOST


def test_numbers_of_clicks_by_hand() -> None:
    history = [0.3, 0.85, 0.7, 0.9]
    assert [clicks_to(history, good) for good in (0.3, 0.85, 0.9, 0.95)] == [1, 2, 4, None]


def rising(start: float, step: float, length: int = LEAST) -> list[float]:
    return [start + step * number for number in range(length)]


def test_figures_by_hand() -> None:
    # Set a: two images with one and two masks; set b: one with one mask.
    top = {"a": [[rising(0.5, 0.05)], [rising(0.9, 0), rising(0.1, 0, MOST)]], "b": [[rising(0.8, 0.05)]]}
    report = figures({TOP: top})["ways"][TOP]
    assert report["datasets"]["a"]["miou"]["1"] == pytest.approx(0.5)
    assert report["datasets"]["a"]["miou"]["9"] == pytest.approx((0.9 + 0.9 + 0.1) / 3, abs=1e-5)
    assert report["miou"]["1"] == pytest.approx((0.5 + 0.8) / 2)
    # .85 at clicks 8, 1 and never (20) in a, 2 in b; .9 is reached at click 9 (.5 + 8 * .05), 1, never, and 3.
    assert report["datasets"]["a"]["noc"]["85"] == {
        "clicks": pytest.approx(29 / 3, abs=1e-5),
        "not_reached": pytest.approx(1 / 3, abs=1e-5),
    }
    assert report["noc"]["85"]["clicks"] == pytest.approx((29 / 3 + 2) / 2, abs=1e-5)
    assert report["noc"]["90"]["clicks"] == pytest.approx(((9 + 1 + 20) / 3 + 3) / 2, abs=1e-5)
    assert report["noc"]["90"]["not_reached"] == pytest.approx(1 / 6, abs=1e-5)


def test_the_difference_is_of_data_sets_and_ends_where_the_lead_does() -> None:
    model = {"a": [[rising(0.5, 0)], [rising(0.7, 0)]], "b": [[rising(0.2, 0), rising(0.2, 0)]]}
    baseline = {"a": [[rising(0.3, 0)], [rising(0.3, 0)]], "b": [[rising(0.3, 0.05), rising(0.3, 0.05)]]}
    report = figures({TOP: model, ORACLE: model, BASELINE: baseline})
    found = report["minus_baseline"][TOP]
    assert found["datasets"]["a"]["mean"] == pytest.approx(0.3)
    # Two images, t = 12.706 with one degree of freedom; the error of the mean of .2 and .4 is .1.
    assert found["datasets"]["a"]["high"] == pytest.approx(0.3 + 1.2706, abs=1e-3)
    assert found["datasets"]["b"] == {"mean": -0.1, "low": None, "high": None, "images": 1}
    assert (found["ahead"], found["mean"]) == (1, pytest.approx(0.1))
    # .3 - .1, less .05 a click: nothing is left after the fifth.
    assert report["lead_ends"] == {TOP: 5, ORACLE: 5}
    assert (
        lead_ends(
            model, {name: [[rising(0, 0)] * len(image) for image in one] for name, one in model.items()}
        )
        is None
    )


def test_first_clicks_are_inside_and_seeded() -> None:
    _, masks = scene(3)
    one, again, other = (first_clicks(masks, seed) for seed in ((0, 5), (0, 5), (1, 5)))
    assert one == again
    assert one[CENTRE] == other[CENTRE] == [farthest_point(mask)[0] for mask in masks]
    assert one[RANDOM] != other[RANDOM]
    assert all(mask[y, x] for kind in (CENTRE, RANDOM) for mask, (x, y) in zip(masks, one[kind], strict=True))


def test_the_random_points_of_an_image_do_not_depend_on_the_others() -> None:
    config = EvaluationConfig(seed=4)
    item = SinglePoint(config).item(Path("a"), AnnotatedImage("a", "x.png", 4, 4, "val", b"", []))
    same = SinglePoint(config).item(Path("b"), AnnotatedImage("a", "x.png", 4, 4, "val", b"", []))
    other = SinglePoint(config).item(Path("a"), AnnotatedImage("a", "y.png", 4, 4, "val", b"", []))
    seeds = [SinglePoint(config)._seed(one) for one in (item, same, other)]
    assert seeds[0] == seeds[1] != seeds[2]


def test_the_oracle_takes_the_best_of_three_and_goes_on_from_it(tiny_sam: Sam) -> None:
    photograph, masks = scene(3)
    predictor = SamPredictor(tiny_sam)
    predictor.set_image(photograph)
    first = [farthest_point(mask)[0] for mask in masks]
    found = clicked(predictor, masks, first, 2)
    answers = SamAnswers(predictor, masks, oracle=True)
    one, two = click_steps(answers, masks, first, 2)
    assert one.ious.tolist() == found.true.max(axis=1).tolist()
    assert found.history[0].tolist() == found.true[np.arange(3), found.top].tolist()
    # The second click lies in the error of the mask that was taken.
    second = two.coords[:, 1].astype(int), two.labels[:, 1]
    for mask, target, (x, y), label in zip(one.masks.numpy(), masks, *second, strict=True):
        assert target[y, x] == label
        assert mask[y, x] != target[y, x]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return painted_set(tmp_path_factory.mktemp("data") / "painted.tar", train=4, val=3)


@pytest.fixture(scope="module")
def weights(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(data, tmp_path_factory.mktemp("run"), "--steps", "2")


def run(data: Path, model: Path, *extra: str) -> int:
    return evaluate.main(["--data", str(data), "--model", "tiny", "--weights", str(model), *extra])


def test_the_whole_protocol_end_to_end(
    data: Path, weights: Path, tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short.json"
    extra = ["--variants", "--control", "grey", "--max-masks-per-image", "2"]
    assert run(data, tiny_safetensors, "--json", str(short), *extra) == 0
    before = capsys.readouterr().out
    out = tmp_path / "run"
    whole = ["--task", "single-point", "--out", str(out), "--click-baseline", str(weights), *extra]
    assert run(data, tiny_safetensors, *whole) == 0
    printed = capsys.readouterr().out
    report, same = json.loads((out / "report.json").read_text()), json.loads(short.read_text())
    # What is measured in short has the same names and figures.
    assert set(same) <= set(report)
    assert {key: report[key] for key in SHORT} == {key: same[key] for key in SHORT}
    assert report["variants"] == same["variants"]
    assert report["grey_box_miou"] == same["grey_box_miou"]
    assert printed.startswith(before.strip())

    assert set(report["first_click"]) == {CENTRE, RANDOM}
    for kind in (CENTRE, RANDOM):
        ways = report["first_click"][kind]["ways"]
        assert set(ways) == {TOP, ORACLE, BASELINE}
        assert ways[ORACLE]["miou"]["1"] >= ways[TOP]["miou"]["1"]
        assert all(ways[way]["datasets"]["painted"]["masks"] == 6 for way in ways)
    centre = report["first_click"][CENTRE]["ways"]
    assert centre[TOP]["miou"]["1"] == pytest.approx(report["click1_top_miou"], abs=1e-4)
    assert centre[ORACLE]["miou"]["1"] == pytest.approx(report["click1_best_miou"], abs=1e-4)
    assert centre[TOP]["miou"]["5"] == pytest.approx(report["click5_miou"], abs=1e-4)
    assert report["click_baseline"]["steps"] == 2
    page = (out / "report.html").read_text()
    assert "Against the click baseline" in page
    assert all(word in page for word in ("<svg", "Worst", "data:image/jpeg"))
    assert max(map(len, printed.splitlines())) <= 120

    # Killed after the first image, it measures only what is left, and says the same.
    records = out / "records.jsonl"
    lines = records.read_text().splitlines(keepends=True)
    records.write_text("".join(lines[:2]) + lines[2][:40])
    assert run(data, tiny_safetensors, *whole) == 0
    assert without_times(json.loads((out / "report.json").read_text())) == without_times(report)
    # Another baseline is another run.
    assert run(data, tiny_safetensors, *whole[:4], *extra) == 1
    assert "a run of something else" in capsys.readouterr().err


def test_without_a_baseline_the_report_says_so(
    data: Path, tiny_safetensors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(data, tiny_safetensors, "--out", str(tmp_path), "--limit", "1", "--max-masks-per-image", "1") == 0
    )
    assert "left out: no weights were named" in capsys.readouterr().out
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report["first_click"][CENTRE]) == {"ways"}
    assert "left out: no weights were named" in (tmp_path / "report.html").read_text()


def test_weights_of_something_else_are_one_line(
    data: Path, tiny_safetensors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tiny_safetensors, "--click-baseline", str(tiny_safetensors)) == 1
    error = capsys.readouterr().err.strip()
    assert "not a training checkpoint" in error
    assert len(error.splitlines()) == 1


def without_times(report: dict[str, Any]) -> dict[str, Any]:
    datasets = {name: entry | {"seconds": 0} for name, entry in report["datasets"].items()}
    return report | {"seconds": 0, "datasets": datasets}
