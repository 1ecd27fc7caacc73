"""The web part's interval is the models' own: the one of a difference to a model that always gets 0."""

import numpy as np
import pytest

from backend.fairness.intervals import CONFIDENCE, clustered_mean
from models.sam.evaluation import paired


@pytest.mark.parametrize("seed", range(5))
def test_both_give_the_same_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks = [rng.random(count) for count in rng.integers(1, 9, rng.integers(2, 30))]
    expected = paired.paired_difference([[0.0] * len(values) for values in masks], [list(v) for v in masks])
    images = np.repeat(np.arange(len(masks)), [len(values) for values in masks])
    found = clustered_mean(np.concatenate(masks), images)
    assert found is not None
    assert (found.low, found.mean, found.high, found.images) == (
        pytest.approx(expected.low, abs=1e-5),
        pytest.approx(expected.mean, abs=1e-5),
        pytest.approx(expected.high, abs=1e-5),
        expected.images,
    )
    assert CONFIDENCE == paired.CONFIDENCE
