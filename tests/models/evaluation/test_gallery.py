"""The picture of results: the protocol's answers, one row a photograph."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.cli import gallery as command
from models.sam.evaluation.gallery import CAPTION, CELL, GAP, answers_of, draw_gallery, draw_row
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def scene() -> tuple[np.ndarray, np.ndarray]:
    photograph = np.full((90, 120, 3), 60, np.uint8)
    target = np.zeros((90, 120), bool)
    target[20:60, 30:90] = True
    photograph[target] = (200, 180, 40)
    return photograph, target


def test_the_answers_are_one_click_a_box_and_three_clicks(tiny_sam: Sam) -> None:
    photograph, target = scene()
    click, box, three = answers_of(SamPredictor(tiny_sam), photograph, target)
    assert [len(click.clicks), len(box.clicks), len(three.clicks)] == [1, 0, 3]
    assert box.box == (30, 20, 90, 60)
    assert target[click.clicks[0][0][1], click.clicks[0][0][0]]
    for answer in (click, box, three):
        both, either = (answer.mask & target).sum(), (answer.mask | target).sum()
        assert answer.iou == pytest.approx(both / either)


def test_the_masks_are_laid_over_the_photograph(tiny_sam: Sam) -> None:
    photograph, target = scene()
    answers = answers_of(SamPredictor(tiny_sam), photograph, target)
    rows = [draw_row(photograph, target, answers)] * 7
    sheet = draw_gallery(rows)
    width = 4 * CELL + 3 * GAP
    assert sheet.size == (2 * width + 4 * GAP, CAPTION + 4 * (CELL + CAPTION + GAP))
    empty = draw_row(photograph, target, [type(a)(np.zeros_like(a.mask), 0.0) for a in answers])
    assert np.asarray(rows[0])[:, :CELL].tolist() == np.asarray(empty)[:, :CELL].tolist()
    assert (np.asarray(rows[0]) != np.asarray(empty)).any(axis=(0, 2))[CELL + GAP :].sum() > CELL // 4


def test_the_command_draws_images_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = sorted(path.name for path in (SAMPLE / "images").iterdir())[0]
    output = tmp_path / "gallery.jpg"
    assert command.main([str(SAMPLE / name), "--model", "anymask_s", "--output", str(output)]) == 0
    assert capsys.readouterr().out.startswith(name)
    with Image.open(output) as picture:
        assert picture.width == 4 * CELL + 3 * GAP
    assert command.main([str(SAMPLE / "absent.jpg"), "--model", "anymask_s", "--output", str(output)]) == 1
    assert "absent.jpg" in capsys.readouterr().err
