"""Which mask counts, which cells count, and what words for nothing cost."""

import torch

from models.sam.text.losses import absent_loss, cell_loss, coverage, map_loss, nearest_targets, silence_loss
from models.sam.training.losses import LossWeights

SIDE = 16


def square(top: int, left: int, side: int) -> torch.Tensor:
    mask = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    mask[top : top + side, left : left + side] = True
    return mask


def answer(*masks: torch.Tensor) -> torch.Tensor:
    return torch.stack([torch.where(mask, 8.0, -8.0) for mask in masks])


def test_the_thing_that_an_answer_is_nearest_to_counts() -> None:
    things = torch.stack([square(0, 0, 6), square(8, 8, 7)])
    logits = torch.stack([answer(square(9, 9, 7), square(0, 9, 2)), answer(square(8, 0, 3), square(0, 1, 6))])
    assert nearest_targets(logits, [things, things]).tolist() == [1, 0]


def test_cells_of_a_second_name_do_not_stand_against_the_first() -> None:
    masks = torch.stack([square(0, 0, 8), square(0, 0, 4)])
    present, covered = coverage(masks, [2, 0], 4)
    assert present == [0, 2]
    assert covered.sum(dim=(1, 2)).tolist() == [1, 4]
    relevance = torch.zeros(3, 4, 4)
    relevance[2, :2, :2] = 9.0
    relevance[0, 0, 0] = 9.0
    # Name 2 covers name 0's cell too: both are likely there, and both are right.
    assert cell_loss(relevance, present, covered) < 1e-2
    relevance[1, 0, 1] = 30.0
    assert cell_loss(relevance, present, covered) > 1
    assert cell_loss(relevance, present, torch.zeros_like(covered)) == 0


def test_a_map_costs_what_it_misses_and_what_it_adds() -> None:
    covered = torch.zeros(1, 8, 8)
    covered[0, :4] = 1
    right = torch.where(covered > 0, 6.0, -6.0)
    assert map_loss(right, covered) < 0.05
    assert map_loss(-right, covered) > 5
    assert map_loss(torch.full_like(right, 6.0), covered) > map_loss(right, covered) + 1


def test_names_that_are_not_there_are_to_be_silent() -> None:
    relevance = torch.tensor([8.0, -8.0, 8.0])[:, None, None].expand(3, 4, 4)
    assert silence_loss(relevance, torch.tensor([False, True, False])) < 1e-3
    assert silence_loss(relevance, torch.tensor([True, True, False])) > 3
    assert silence_loss(relevance, torch.zeros(3, dtype=torch.bool)) == 0


def test_nothing_is_the_right_answer_to_a_word_for_nothing() -> None:
    weights = LossWeights()
    nothing = torch.full((2, 3, SIDE, SIDE), -9.0)
    something = answer(square(0, 0, 9), square(0, 0, 9), square(0, 0, 9))[None].expand(2, -1, -1, -1)
    no_iou, iou = torch.zeros(2, 3), torch.full((2, 3), 0.9)
    assert absent_loss(nothing, no_iou, weights) < 1e-2
    assert absent_loss(something, no_iou, weights) > 2
    assert absent_loss(nothing, iou, weights) > 1
