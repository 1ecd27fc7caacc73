"""Ranking and calibration figures on arrays small enough to check by hand."""

import numpy as np
import pytest

from models.sam.evaluation.ranking import confident_masks, rank_correlation, reliability, top_is_best


def test_rank_correlation_sees_order_not_size() -> None:
    true = np.array([0.1, 0.2, 0.3, 0.9])
    assert rank_correlation(true**5, true) == 1.0
    assert rank_correlation(-true, true) == -1.0


def test_rank_correlation_is_spearmans() -> None:
    # Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 * (1 + 1 + 1 + 1 + 0) / (5 * 24) = 0.8.
    assert rank_correlation(np.array([0.1, 0.2, 0.3, 0.4, 0.5]), np.array([0.3, 0.2, 0.6, 0.5, 0.7])) == 0.8


def test_ties_share_their_mean_rank() -> None:
    # Ranks 1.5 1.5 3 against 1 2 3: covariance 1.5 / sqrt(1.5 * 2) = 0.8660.
    assert rank_correlation(np.array([0.2, 0.2, 0.9]), np.array([0.1, 0.5, 0.6])) == 0.866


@pytest.mark.parametrize("values", [[], [0.4], [0.4, 0.4, 0.4]])
def test_rank_correlation_of_too_little_is_unknown(values: list[float]) -> None:
    assert rank_correlation(np.array(values), np.linspace(0, 1, len(values))) is None


def test_confident_masks_are_those_strictly_above_the_threshold() -> None:
    predicted = np.array([0.88, 0.9, 0.95, 1.1, 0.2])
    true = np.array([0.99, 0.89, 0.5, 0.88, 0.95])
    assert confident_masks(predicted, true) == {
        "threshold": 0.88,
        "candidates": 5,
        "share": 0.6,
        "true_share": 0.3333,
        "mean_true_iou": 0.7567,
    }


def test_no_confident_mask_has_no_mean() -> None:
    figures = confident_masks(np.array([0.1, 0.2]), np.array([0.9, 0.9]))
    assert (figures["share"], figures["true_share"], figures["mean_true_iou"]) == (0.0, None, None)


def test_reliability_bins_hold_every_mask_once() -> None:
    predicted = np.array([-0.2, 0.05, 0.1, 0.19, 0.95, 1.0, 1.3])
    true = np.array([0.0, 0.1, 0.2, 0.4, 0.8, 0.9, 1.0])
    table = reliability(predicted, true)
    assert [one["count"] for one in table] == [2, 2, 0, 0, 0, 0, 0, 0, 0, 3]
    assert [one["low"] for one in table] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert table[0]["mean_predicted"] == -0.075
    assert table[1] == {"low": 0.1, "high": 0.2, "count": 2, "mean_predicted": 0.145, "mean_true": 0.3}
    assert (table[5]["mean_predicted"], table[5]["mean_true"]) == (None, None)
    assert table[9]["mean_true"] == 0.9


def test_the_top_ranked_is_best_also_when_it_ties() -> None:
    predicted = np.array([[0.9, 0.1, 0.2], [0.1, 0.2, 0.3], [0.5, 0.4, 0.3]])
    true = np.array([[0.7, 0.6, 0.1], [0.9, 0.1, 0.2], [0.0, 0.0, 0.0]])
    assert top_is_best(predicted, true) == 0.6667
    assert top_is_best(np.zeros((0, 3)), np.zeros((0, 3))) is None
