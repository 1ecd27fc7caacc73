"""A mask and what each answers to clicks on it, as a row of the gallery."""

from collections.abc import Mapping

import numpy as np
from PIL import Image

from models.sam.evaluation.clicking import click_steps
from models.sam.evaluation.clicks import farthest_point
from models.sam.evaluation.gallery import Answer, draw_gallery, draw_row
from models.sam.evaluation.single_point.measuring import BASELINE, ORACLE, TOP, MakeAnswers

TRUTH = "photograph, true outline"
# Who answers, and to how many clicks.
_CELLS = {
    "1 click": (TOP, 1),
    "1 click, oracle": (ORACLE, 1),
    "3 clicks": (TOP, 3),
    "baseline, 1 click": (BASELINE, 1),
    "baseline, 3 clicks": (BASELINE, 3),
}


def example(answering: Mapping[str, MakeAnswers], photograph: np.ndarray, target: np.ndarray) -> Image.Image:
    """The photograph [H, W, 3] with the outline of the mask `target` [H, W], and each of `_CELLS` that is answered."""
    cells = {title: cell for title, cell in _CELLS.items() if cell[0] in answering}
    answers = [_answer(answering[way], target, clicks) for way, clicks in cells.values()]
    return draw_gallery([draw_row(photograph, target, answers)], (TRUTH, *cells))


def _answer(make: MakeAnswers, target: np.ndarray, clicks: int) -> Answer:
    *_, step = click_steps(make([target]), [target], [farthest_point(target)[0]], clicks)
    shown = zip(step.coords[0].astype(int).tolist(), step.labels[0].tolist(), strict=True)
    return Answer(
        step.masks[0].cpu().numpy(),
        float(step.ious[0]),
        tuple(((x, y), label) for (x, y), label in shown),
    )
