"""Losses against the golden arrays: values and gradients within 1e-6, relative 1e-5."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from models.sam.training.losses import LossWeights, dice_loss, focal_loss, interactive_loss, mask_iou

GOLDEN = Path(__file__).resolve().parents[2] / "data" / "golden" / "losses.npz"


@pytest.fixture(scope="module")
def golden() -> dict[str, Tensor]:
    with np.load(GOLDEN) as arrays:
        return {name: torch.from_numpy(np.asarray(arrays[name])) for name in arrays}


def assert_equal(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual.double(), expected.double(), atol=1e-6, rtol=1e-5)


def test_every_term_equals_the_golden_one(golden: dict[str, Tensor]) -> None:
    logits, target = golden["logits"], golden["target"]
    actual = mask_iou(logits, target)
    assert_equal(focal_loss(logits, target), golden["focal_per_mask"])
    assert_equal(dice_loss(logits, target), golden["dice_per_mask"])
    assert_equal(actual, golden["actual_iou"])
    assert_equal((golden["pred_iou"] - actual) ** 2, golden["iou_mse_per_mask"])


def test_the_total_and_its_gradients_equal_the_golden_ones(golden: dict[str, Tensor]) -> None:
    logits, iou = golden["logits"].clone().requires_grad_(), golden["pred_iou"].clone().requires_grad_()
    terms = interactive_loss(logits, iou, golden["target"], LossWeights())
    total = terms.total / len(logits)
    total.backward()
    assert terms.best_index.tolist() == golden["best_index"].tolist()
    assert_equal(total.detach(), golden["total_iou_on_best_only"])
    assert logits.grad is not None
    assert iou.grad is not None
    assert_equal(logits.grad, golden["grad_logits_best_only"])
    assert_equal(iou.grad, golden["grad_iou_best_only"])


def test_supervising_all_iou_predictions_averages_over_masks(golden: dict[str, Tensor]) -> None:
    weights = replace(LossWeights(), iou_on_all=True)
    terms = interactive_loss(golden["logits"], golden["pred_iou"], golden["target"], weights)
    assert_equal(terms.total / len(golden["logits"]), golden["total_iou_mean_over_3"])


def test_a_perfect_confident_mask_costs_nothing() -> None:
    target = torch.zeros(1, 8, 8)
    target[:, 2:6, 2:6] = 1
    logits = (target * 2 - 1)[:, None] * 40
    assert float(focal_loss(logits, target)) < 1e-6
    assert float(dice_loss(logits, target)) < 1e-6
