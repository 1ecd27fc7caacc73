"""The clicks on one image's masks: where they begin, who answers, what came of them."""

from collections.abc import Callable, Sequence

import numpy as np

from models.sam.click_baseline.answering import BaselineAnswers, ClickBaseline
from models.sam.evaluation.clicking import ClickAnswers, SamAnswers, click_steps
from models.sam.evaluation.clicks import farthest_point, random_point
from models.sam.predictor import SamPredictor

CLICKS = (1, 2, 3, 5, 9)  # the paper's
LEAST, MOST = max(CLICKS), 20  # on every mask; on those that are not good yet
GOOD = (0.85, 0.9)  # IoUs that the number of clicks is counted to
CENTRE, RANDOM = "centre", "random"  # of the mask: the first click
TOP, ORACLE, BASELINE = "top", "oracle", "baseline"

# For the masks [H, W] asked about together, one who answers.
MakeAnswers = Callable[[list[np.ndarray]], ClickAnswers]


def ways(
    predictor: SamPredictor, photograph: np.ndarray, baseline: ClickBaseline | None
) -> dict[str, MakeAnswers]:
    """Who answers, by name; the photograph [H, W, 3] is set in `predictor`."""
    answering: dict[str, MakeAnswers] = {
        TOP: lambda targets: SamAnswers(predictor, targets),
        ORACLE: lambda targets: SamAnswers(predictor, targets, oracle=True),
    }
    if baseline is not None:
        answering[BASELINE] = lambda targets: BaselineAnswers(baseline, photograph, len(targets))
    return answering


def first_clicks(masks: Sequence[np.ndarray], seed: Sequence[int]) -> dict[str, list[tuple[int, int]]]:
    """The first click (x, y) on each mask [H, W]: at its centre (`farthest_point`), and anywhere in it by `seed`."""
    rng = np.random.default_rng(seed)
    return {
        CENTRE: [farthest_point(mask)[0] for mask in masks],
        RANDOM: [random_point(mask, rng) for mask in masks],
    }


def histories(
    make: MakeAnswers, masks: Sequence[np.ndarray], first: Sequence[tuple[int, int]], together: int
) -> list[list[float]]:
    """Of each mask its IoUs after 1, 2, ... clicks: `LEAST` of them, up to `MOST` where none reaches the best of `GOOD`.

    So many masks as `together` are asked about at once.
    """
    found: list[list[float]] = []
    for start in range(0, len(masks), together):
        targets, clicks = list(masks[start : start + together]), first[start : start + together]
        batch: list[list[float]] = [[] for _ in targets]
        for step in click_steps(make(targets), targets, clicks, LEAST, MOST, max(GOOD)):
            for row, value in zip(step.rows, step.ious, strict=True):
                batch[row].append(round(float(value), 6))
        found += batch
    return found


def clicks_to(history: Sequence[float], good: float) -> int | None:
    """The number of the click after which a mask first had an IoU of `good`; None where it never had."""
    return next((number for number, value in enumerate(history, start=1) if value >= good), None)
