"""Which cell is to find which box, and what that costs."""

import math

import pytest
import torch

from models.sam.detection.network import Detections, ObjectDetector, boxes_at, cells
from models.sam.detection.targets import assigned, level_of, loss_of, overlaps


def test_cells_are_listed_level_by_level_and_row_by_row() -> None:
    listed = cells(4, 2)
    assert listed.shape == (16 + 4, 3)
    assert listed[1].tolist() == [0.375, 0.125, 0.25]
    assert listed[4].tolist() == [0.125, 0.375, 0.25]
    assert listed[17].tolist() == [0.75, 0.25, 0.5]


def test_without_offsets_a_box_lies_around_its_cell() -> None:
    boxes = boxes_at(cells(16, 1), torch.zeros(1, 256, 4))
    # Six cells of a sixteenth around the middle of the first.
    assert boxes[0, 0].tolist() == pytest.approx(
        [1 / 32 - 3 / 16, 1 / 32 - 3 / 16, 1 / 32 + 3 / 16, 1 / 32 + 3 / 16]
    )
    offsets = torch.tensor([0.5, -1.0, math.log(2), 0.0]).expand(1, 256, 4)
    moved = boxes_at(cells(16, 1), offsets)[0, 0]
    assert ((moved[:2] + moved[2:]) / 2).tolist() == pytest.approx([1 / 16, -1 / 32])
    assert (moved[2:] - moved[:2]).tolist() == pytest.approx([12 / 16, 6 / 16])


def test_levels_follow_the_longer_side() -> None:
    sides = torch.tensor([[1.0, 7.9], [8.0, 1.0], [15.9, 15.9], [16.0, 2.0], [40.0, 40.0], [0.0, 0.0]]) / 64
    boxes = torch.cat([torch.zeros(6, 2), sides], dim=1)
    assert level_of(boxes, 64, 4).tolist() == [0, 1, 1, 2, 3, 0]


def test_the_smaller_of_two_boxes_takes_the_cells_that_both_want() -> None:
    large = torch.tensor([0.3, 0.3, 0.7, 0.7])
    small = torch.tensor([0.45, 0.45, 0.55, 0.55])
    numbers = assigned(torch.stack([large, small]), 16, 1)
    grid = numbers.reshape(16, 16)
    # The two cells a side whose centres the small one holds; around them the large one's, three more cells a side.
    assert grid[7:9, 7:9].unique().tolist() == [1]
    assert (grid == 0).sum() == 0 or set(grid[6:10, 6:10].unique().tolist()) <= {-1, 0, 1}
    assert grid[0].unique().tolist() == [-1]


def test_a_box_smaller_than_a_cell_is_the_cells_in_which_it_lies() -> None:
    box = torch.tensor([[0.51, 0.26, 0.52, 0.27]])
    grid = assigned(box, 16, 1).reshape(16, 16)
    assert torch.nonzero(grid == 0).tolist() == [[4, 8]]


def test_no_box_leaves_every_cell_alone() -> None:
    assert assigned(torch.zeros(0, 4), 8, 2).unique().tolist() == [-1]
    detector = ObjectDetector(4, width=8, levels=2)
    found = detector(torch.zeros(1, 4, 8, 8))
    loss = loss_of(found, [torch.zeros(0, 4)], 8, 2)
    loss.backward()
    assert loss.isfinite()


def test_overlaps_by_hand() -> None:
    first = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]])
    second = torch.tensor([[1.0, 0.0, 3.0, 2.0], [3.0, 0.0, 4.0, 1.0]])
    iou, generalised = overlaps(first, second)
    assert iou.tolist() == pytest.approx([2 / 6, 0.0])
    assert generalised.tolist() == pytest.approx([2 / 6, -(4 - 2) / 4])


def test_right_boxes_with_right_scores_cost_next_to_nothing_and_others_more() -> None:
    truth = torch.tensor([[0.25, 0.25, 0.6, 0.7]])
    numbers = assigned(truth, 16, 2)
    boxes = cells(16, 2)[:, :2].repeat(1, 2) + torch.tensor([-0.05, -0.05, 0.05, 0.05])
    boxes[numbers == 0] = truth[0]
    logits = torch.where(numbers == 0, 9.0, -9.0)
    right = loss_of(Detections(logits[None], boxes[None]), [truth], 16, 2)
    assert right < 1e-3
    assert loss_of(Detections(-logits[None], boxes[None]), [truth], 16, 2) > 1
    moved = boxes.clone()
    moved[numbers == 0] += 0.1
    assert loss_of(Detections(logits[None], moved[None]), [truth], 16, 2) > 0.5
