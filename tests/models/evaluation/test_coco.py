"""COCO's counting on masks whose figures are known by hand."""

import numpy as np
import pytest

from models.sam.evaluation.coco import average_precision, coco_of, recall_counts, results_of
from models.sam.rle import Rle, encode

SIDE = 100


def block(top: int, left: int, height: int, width: int) -> Rle:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[top : top + height, left : left + width] = True
    return encode(mask)


def test_hits_are_counted_at_each_threshold_by_limit_and_size() -> None:
    small, large = block(0, 0, 10, 10), block(0, 0, 98, 98)
    # The second misses a quarter of the small one: IoU .75, six thresholds from .50 to .75.
    found = [block(50, 50, 10, 10), block(0, 0, 10, 10 * 3 // 4 + 0), large]
    counts = recall_counts([small, large], found, [0.9, 0.8, 0.7], [1, 3])
    assert counts["all"]["masks"] == 2
    assert counts["small"]["masks"] == counts["large"]["masks"] == 1
    assert counts["medium"]["masks"] == 0
    assert counts["all"]["hits"]["1"] == [0] * 10
    # 7 of 10 columns: IoU .7, five thresholds.
    assert counts["small"]["hits"]["3"] == [1] * 5 + [0] * 5
    assert counts["large"]["hits"]["3"] == [1] * 10
    assert counts["all"]["hits"]["3"] == [2] * 5 + [1] * 5


def test_without_proposals_nothing_is_hit() -> None:
    counts = recall_counts([block(0, 0, 10, 10)], [], [], [10])
    assert counts["all"] == {"masks": 1, "hits": {"10": [0] * 10}}


@pytest.mark.parametrize("with_classes", [True, False])
def test_precision_of_the_truth_itself_is_one(with_classes: bool) -> None:
    masks = [(1, 1, block(0, 0, 20, 20)), (1, 2, block(40, 40, 50, 50)), (2, 1, block(5, 5, 99 - 5, 99 - 5))]
    truth = coco_of([(1, SIDE, SIDE), (2, SIDE, SIDE)], masks, [1, 2])
    answers = results_of(truth, [(*mask, 0.5) for mask in masks])
    figures = average_precision(truth, answers, with_classes=with_classes)
    assert figures["ap"] == figures["ap_75"] == figures["ap_small"] == figures["ap_medium"] == 1
    assert average_precision(truth, results_of(truth, []), with_classes=with_classes)["ap"] == 0


def test_a_mask_of_the_wrong_class_counts_only_without_classes() -> None:
    truth = coco_of([(1, SIDE, SIDE)], [(1, 1, block(0, 0, 20, 20))], [1, 2])
    answers = results_of(truth, [(1, 2, block(0, 0, 20, 20), 0.5)])
    assert average_precision(truth, answers, with_classes=True)["ap"] == 0
    assert average_precision(truth, answers, with_classes=False)["ap"] == 1
    assert average_precision(truth, answers, with_classes=False)["ap_large"] is None
