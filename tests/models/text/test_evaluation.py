"""The evaluation asks for each category by its name and by a wrong one, and counts by the mask that an answer fits
best."""

import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cli import evaluate, train_text
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.evaluation.run import run_task
from models.sam.evaluation.text.asking import ask, fit
from models.sam.evaluation.text.figures import figures
from models.sam.evaluation.text.ratio import ratio_of_means
from models.sam.evaluation.text.task import TextToMask
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.predictor import SamPredictor
from models.sam.text.encoders import TextEncoder
from models.sam.text.vocabulary import Vocabulary
from models.sam.text.weights import TextWeights
from models.sam.training.shard import write_images
from tests.models.text.conftest import painted


def box(left: int, side: int) -> np.ndarray:
    mask = np.zeros((20, 40), bool)
    mask[2 : 2 + side, left : left + side] = True
    return mask


def test_of_several_things_that_count_the_one_the_answer_fits_best() -> None:
    masks = [box(0, 6), box(20, 10)]
    assert fit(box(20, 9), masks) == (pytest.approx(0.81), 1)
    assert fit(box(0, 6), masks) == (1.0, 0)
    # Nothing is touched: the largest is what a click would mend.
    assert fit(box(33, 5), masks) == (0.0, 1)
    assert fit(np.zeros((20, 40), bool), masks) == (0.0, 1)


def test_a_ratio_is_of_means_and_its_interval_over_images() -> None:
    found = ratio_of_means([[0.8, 0.4], [0.6]], [[0.2, 0.2], [0.2]])
    assert found.value == 3.0
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 3 <= found.high
    assert ratio_of_means([[1.0]], [[0.5]]).low is None
    assert ratio_of_means([[1.0], [1.0]], [[0.0], [0.0]]).value is None
    assert ratio_of_means([], []).value is None


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=8), st.floats(0.1, 10))
def test_a_constant_ratio_has_no_width(values: list[float], factor: float) -> None:
    found = ratio_of_means([[value * factor] for value in values], [[value] for value in values])
    assert (found.value, found.low, found.high) == pytest.approx((factor,) * 3, rel=1e-2, abs=1e-3)


def test_figures_of_nothing_are_none() -> None:
    nothing = figures([{"asked": []}], 0)
    assert (nothing["asked"], nothing["word"], nothing["ratio"], nothing["empty"]) == (0, None, None, None)


def test_a_click_is_placed_by_the_words_answer(miniature: Sam, prompt: TextPrompt) -> None:
    miniature.prompt_encoder.text_prompt = prompt.eval()
    predictor = SamPredictor(miniature)
    predictor.set_image(np.zeros((20, 40, 3), np.uint8))
    found = ask(predictor, np.ones(12, np.float32), [box(0, 6), box(20, 10)])
    assert found.answer.shape == (20, 40)
    assert found.word == fit(found.answer, [box(0, 6), box(20, 10)])[0]
    assert found.best >= found.word
    assert all(0 <= value <= 1 for value in (found.clicked, found.click_alone))


def test_a_run_asks_right_and_wrong_words_and_makes_a_page(
    miniature: Sam, prompt: TextPrompt, encoder: TextEncoder, tmp_path: Path
) -> None:
    both, alone, unnamed = (painted(n, "val") for n in range(3))
    alone.segmentations, alone.categories = alone.segmentations[:1], ["Tomato"]
    unnamed.categories = ["object", "object"]
    write_images([both, alone, unnamed], tmp_path / "painted.tar")
    names = ["sea", "tomato"]
    text = TextWeights(prompt, Vocabulary(names, encoder.embed(names)), "miniature@0", encoder.name)
    task = TextToMask(EvaluationConfig(min_area=10), text, encoder)
    predictor = SamPredictor(miniature)
    report = run_task(
        task, lambda: nullcontext(predictor), [tmp_path / "painted.tar"], {"model": "m"}, tmp_path / "run"
    )
    assert report["images"] == 2
    assert report["all"]["asked"] == 3
    assert set(report["categories"]) == {"painted: tomato", "painted: sea"}
    assert report["categories"]["painted: tomato"]["asked"] == 2
    assert report["all"]["unknown"] == 0
    lines = (tmp_path / "run" / "records.jsonl").read_text().splitlines()
    wrong = [one["wrong_word"] for line in lines[1:] for one in json.loads(line)["record"]["asked"]]
    # The image with both has no category of the set left that is not on it, nor a learned word.
    assert sorted(wrong, key=str) == [None, None, "sea"]
    assert report["all"]["wrong"] == report["categories"]["painted: tomato"]["wrong"]
    assert report["categories"]["painted: sea"]["ratio"] is None
    assert "right / wrong" in task.table(report)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "painted: tomato" in page
    assert "Worst" in page


def test_the_commands_need_words(
    painted_set: Path, tmp_path: Path, miniature: Sam, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(painted_set), "--model", "tiny"]
    assert evaluate.main([*data, "--task", "text", "--out", str(tmp_path / "run")]) == 1
    assert "--text" in capsys.readouterr().err
    assert train_text.main([*data, "--out", str(tmp_path), "--encoder", "none", "--steps", "1"]) == 1
    assert capsys.readouterr().err.startswith("train_text: ")
    for wrong in ("x=much", "x=0"):
        with pytest.raises(ValueError, match="x"):
            train_text.parse_shares([wrong])
    assert train_text.parse_shares(["a=0.5", "b"]) == [(Path("a"), 0.5), (Path("b"), 1.0)]
