"""Shapes, size and independence of what is asked together; the loss by hand."""

import math

import pytest
import torch

from models.sam.click_baseline.loss import normalised_focal_loss
from models.sam.click_baseline.network import CLICK_NETWORKS, ClickNetwork, full_size

TINY = CLICK_NETWORKS["click_pyramid_tiny"]


def network() -> ClickNetwork:
    torch.manual_seed(0)
    return ClickNetwork(TINY).eval()


def inputs(images: int, masks: int, height: int = 64, width: int = 96) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(1)
    shapes = (images, 3, height, width), (masks, 2, height, width), (masks, 1, height, width)
    return tuple(torch.rand(shape, generator=generator) for shape in shapes)


def test_one_logit_map_a_mask_at_a_quarter_of_the_side() -> None:
    logits = network()(*inputs(2, 3), torch.tensor([1, 0, 1]))
    assert logits.shape == (3, 1, 16, 24)
    assert full_size(logits).shape == (3, 1, 64, 96)


def test_the_full_network_is_small() -> None:
    with torch.device("meta"):
        size = sum(one.numel() for one in ClickNetwork(CLICK_NETWORKS["click_pyramid"]).parameters())
    assert 1e6 < size < 3e6


@torch.no_grad()
def test_masks_asked_together_do_not_know_of_each_other() -> None:
    model, index = network(), torch.tensor([1, 0, 1])
    images, maps, previous = inputs(2, 3)
    together = model(images, maps, previous, index)
    order = torch.tensor([2, 0, 1])
    shuffled = model(images, maps[order], previous[order], index[order])
    torch.testing.assert_close(shuffled, together[order])
    alone = model(images[:1], maps[1:2], previous[1:2], torch.tensor([0]))
    torch.testing.assert_close(alone, together[1:2], atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_clicks_the_previous_mask_and_the_image_all_count() -> None:
    model, index = network(), torch.tensor([0])
    images, maps, previous = inputs(1, 1)
    before = model(images, maps, previous, index)
    for changed in ((images * 0, maps, previous), (images, maps * 0, previous), (images, maps, previous * 0)):
        assert (model(*changed, index) - before).abs().max() > 1e-4


def test_the_loss_by_hand() -> None:
    # p = 1/2 and 3/4 of the true class: weights 1/4 and 1/16.
    logits = torch.tensor([[[0.0, -math.log(3)]], [[0.0, 0.0]]])
    target = torch.tensor([[[1, 0]], [[1, 0]]])
    first = 0.5 * (math.log(2) / 4 - math.log(0.75) / 16) / (1 / 4 + 1 / 16)
    assert normalised_focal_loss(logits, target).tolist() == pytest.approx([first, 0.5 * math.log(2)])
    valid = torch.tensor([[[True, False]], [[True, True]]])
    assert normalised_focal_loss(logits, target, valid).tolist() == pytest.approx([0.5 * math.log(2)] * 2)


def test_pixels_that_are_right_take_nothing_from_the_others() -> None:
    sure = torch.full((1, 1, 5000), -20.0)
    logits = torch.cat([torch.zeros(1, 1, 1), sure], dim=2).requires_grad_()
    target = torch.zeros(1, 1, 5001)
    target[..., 0] = 1
    loss = normalised_focal_loss(logits, target)
    loss.backward()
    assert loss.item() == pytest.approx(0.5 * math.log(2), rel=1e-4)
    # The weights' sum is a number to the gradient: d/dz of (1 - p)^2 * -log p, over (1 - p)^2, at p = 1/2.
    assert logits.grad is not None
    assert logits.grad[0, 0, 0].item() == pytest.approx(0.5 * (-math.log(2) - 0.5), rel=1e-4)


def test_nothing_to_learn_is_a_loss_of_zero() -> None:
    loss = normalised_focal_loss(torch.full((1, 2, 2), 60.0), torch.ones(1, 2, 2))
    assert loss.item() == 0
