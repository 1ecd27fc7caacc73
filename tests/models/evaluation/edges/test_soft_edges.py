"""Soft edges of painted scenes: a decoder that knows shapes stands where the network would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from models.sam.evaluation.edges.soft_edges import (
    MaskEdge,
    agreement,
    find_edges,
    mask_edge,
    mirrored,
    outer_boundary,
    sobel_magnitude,
    strongest,
)
from models.sam.evaluation.edges.thinning import thin_edges
from models.sam.mask_generator import PRESETS, GeneratorSettings

SIZE = 60, 80
PHOTOGRAPH = np.zeros((*SIZE, 3), np.uint8)
Y, X = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float64)


@dataclass(frozen=True)
class Shape:
    """Logits [H, W] of a mask and its predicted IoU."""

    logits: np.ndarray
    iou: float = 0.9


@dataclass(frozen=True)
class ShapeAnswers:
    """The same shapes for each of n points."""

    shapes: Sequence[Shape]
    points: int

    @property
    def iou_predictions(self) -> Tensor:
        return torch.tensor([[shape.iou for shape in self.shapes]] * self.points, dtype=torch.float32)

    def choose(self, numbers: Tensor) -> None:
        assert numbers.tolist() == list(range(self.points * len(self.shapes)))

    def logits(self, numbers: Tensor) -> Tensor:
        chosen = [self.shapes[number % len(self.shapes)].logits for number in numbers.tolist()]
        return torch.from_numpy(np.stack(chosen)).float()


@dataclass(frozen=True)
class Shapes:
    """Answers any point with all its shapes."""

    shapes: Sequence[Shape]
    usual_batch: int = 7
    mask_threshold: float = 0.0

    def look_at(self, crop: np.ndarray) -> "Shapes":
        assert crop.shape == PHOTOGRAPH.shape
        return self

    def decode(self, points: np.ndarray) -> ShapeAnswers:
        return ShapeAnswers(self.shapes, len(points))


def disk(radius: float, centre: tuple[float, float] = (30, 40), sharpness: float = 2.0) -> np.ndarray:
    return sharpness * (radius - distance_from(centre))


def distance_from(centre: tuple[float, float]) -> np.ndarray:
    return np.hypot(Y - centre[0], X - centre[1])


def edges_of(*shapes: Shape, points_per_side: int = 4, nms: float = 0.7) -> np.ndarray:
    settings = GeneratorSettings(points_per_side=points_per_side)
    return strongest(find_edges(Shapes(shapes), PHOTOGRAPH, settings), SIZE, nms)


def test_the_ridge_of_a_disk_is_its_rim_all_around() -> None:
    edges = edges_of(Shape(disk(18)))
    assert edges.dtype == np.float32
    assert (edges.min(), edges.max()) == (0, 1)
    ridge = thin_edges(edges) > 0.5
    assert np.abs(distance_from((30, 40))[ridge] - 18).max() <= 1
    angles = np.arctan2(Y - 30, X - 40)[ridge]
    assert np.histogram(angles, bins=24, range=(-np.pi, np.pi))[0].min() > 0


def test_what_is_off_the_outer_boundary_does_not_count() -> None:
    bumpy = disk(18)
    # As steep as the rim, but all above the threshold; and below it, beside the mask.
    bumpy[26:34, 36:44] = 0.2
    bumpy[5:15, 70:78] = -0.2
    np.testing.assert_array_equal(edges_of(Shape(bumpy)), edges_of(Shape(disk(18))))


def test_the_strongest_mask_counts_at_each_pixel() -> None:
    left, right = Shape(disk(8, (20, 20), 4.0)), Shape(disk(8, (20, 60), 0.5))
    both = edges_of(left, right)
    assert both[:, :40].max() == 1
    assert 0.1 < both[:, 40:].max() < 0.5
    np.testing.assert_allclose(both[:, :40], edges_of(left)[:, :40])


def test_of_two_masks_of_one_thing_the_one_of_the_better_predicted_iou_stays() -> None:
    good, bad = Shape(disk(18, sharpness=1), 0.9), Shape(disk(17, sharpness=4), 0.5)
    np.testing.assert_array_equal(edges_of(good, bad), edges_of(good))
    assert (edges_of(good, bad, nms=1.0) != edges_of(good)).any()


def test_where_a_mask_ends_at_the_border_there_is_no_edge() -> None:
    edges = edges_of(Shape(3.0 * (X - 40.2)))
    columns = np.flatnonzero(edges.any(axis=0))
    assert (columns.min(), columns.max()) == (40, 41)
    assert not edges_of(Shape(np.full(SIZE, 5.0))).any()


def test_empty_masks_leave_an_empty_map() -> None:
    edges = edges_of(Shape(np.full(SIZE, -5.0)))
    assert edges.shape == SIZE
    assert not edges.any()


def edges_at(*shapes: Shape) -> list[MaskEdge]:
    return find_edges(Shapes(shapes), PHOTOGRAPH, GeneratorSettings(points_per_side=1))


def test_where_more_masks_agree_the_edge_is_stronger_though_another_is_steeper() -> None:
    # Boxes too different for the suppression: three masks end at the left disk's rim, one at the right one's.
    rim = disk(12, (30, 20), 0.5)
    several = [Shape(np.maximum(rim, disk(4, (y, 72), 0.5))) for y in (8, 30, 52)]
    steep = Shape(disk(8, (30, 50), 4.0), 0.3)
    assert strongest(edges_at(*several, steep), SIZE)[:, 40:60].max() == 1
    agreed = agreement([edges_at(*several, steep)], SIZE)
    assert agreed.dtype == np.float32
    assert agreed[:, :40].max() == 1
    assert agreed[:, 40:62].max() < 0.95


def test_each_look_at_a_photograph_counts() -> None:
    left, right = Shape(disk(8, (30, 20))), Shape(disk(8, (30, 60)))
    twice = agreement([edges_at(left, right), edges_at(left)], SIZE)
    assert twice[:, :40].max() == 1
    assert twice[:, 40:].max() < 0.9
    assert not agreement([edges_at(), []], SIZE).any()


def test_edges_of_a_mirrored_photograph_come_back_to_where_they_are() -> None:
    shape = Shape(disk(8, (20, 25)) + 0.01 * Y)
    (plain,) = edges_at(shape)
    (turned,) = edges_at(Shape(np.ascontiguousarray(shape.logits[:, ::-1])))
    (back,) = mirrored([turned], SIZE[1])
    assert sorted(back.pixels) == sorted(plain.pixels)
    assert back.box.tolist() == plain.box.tolist()
    np.testing.assert_allclose(strongest([back], SIZE), strongest([plain], SIZE), atol=1e-6)


@pytest.mark.parametrize("batch", [1, 5, 64])
def test_the_batch_changes_nothing(batch: int) -> None:
    shapes = Shapes([Shape(disk(18)), Shape(disk(5, (10, 70)), 0.4), Shape(np.full(SIZE, -1.0))])
    usual, batched = (
        find_edges(shapes, PHOTOGRAPH, GeneratorSettings(points_per_side=3, points_per_batch=size))
        for size in (None, batch)
    )
    np.testing.assert_array_equal(strongest(batched, SIZE), strongest(usual, SIZE))


def test_the_preset_is_the_papers() -> None:
    preset = PRESETS["bsds"]
    assert (preset.points_per_side, preset.pred_iou_thresh, preset.stability_score_thresh) == (16, 0, 0)


def test_the_outer_boundary_is_a_pixel_on_either_side() -> None:
    mask = np.zeros((7, 9), bool)
    mask[2:, 3:7] = True
    band = outer_boundary(mask)
    assert not band[4:, 5].any()
    assert not band[0].any()
    assert band[3].tolist() == [False, False, True, True, False, False, True, True, False]
    assert band[1].tolist() == [False, False, True, True, True, True, True, True, False]


def test_an_edge_of_a_window_is_that_of_the_whole_picture() -> None:
    probability = 1 / (1 + np.exp(-disk(7, (10, 70))))
    mask = probability > 0.5
    rows, columns = np.nonzero(mask)
    box = np.array([columns.min(), rows.min(), columns.max(), rows.max()])
    edge = mask_edge(mask, probability, box, 0.5)
    whole = np.where(outer_boundary(mask), sobel_magnitude(probability), 0)
    drawn = np.zeros(mask.size, np.float32)
    drawn[edge.pixels] = edge.strength
    np.testing.assert_array_equal(drawn.reshape(SIZE), whole)


@pytest.mark.parametrize("slope", [lambda: X, lambda: Y, lambda: -Y])
def test_sobel_is_the_slope_of_a_ramp(slope: Callable[[], np.ndarray]) -> None:
    np.testing.assert_allclose(sobel_magnitude(0.1 * slope())[1:-1, 1:-1], 0.1, rtol=1e-4)
