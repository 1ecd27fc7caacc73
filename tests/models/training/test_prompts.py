import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sam.modeling.labels import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, FOREGROUND, NOT_A_POINT
from models.sam.training.augmentation import ViewSize
from models.sam.training.interaction import InteractionConfig, click_plan, draw_window
from models.sam.training.prompts import (
    central_points,
    correction_points,
    first_prompts,
    noisy_boxes,
    random_points,
    simulated_clicks,
)


def square(low: int, high: int, side: int = 32) -> torch.Tensor:
    mask = torch.zeros(side, side)
    mask[low:high, low:high] = 1
    return mask


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.integers(1, 8))
def test_a_random_point_lies_in_its_region(seed: int, scale: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    region = torch.rand(5, 16, 16, generator=generator) < 0.05
    region[:, 3, 4] = True
    points = random_points(region, scale, generator)
    cells = (points / scale).long()
    assert region[torch.arange(5), cells[:, 1], cells[:, 0]].all()


def test_a_central_point_lies_deep_in_the_largest_part() -> None:
    region = torch.zeros(2, 32, 32, dtype=torch.bool)
    region[0, 4:14, 8:18] = True
    region[0, 20:31, 29] = True  # thin, and longer
    region[1, 0, 31] = True
    points = central_points(region, 8)
    assert ((points[0] / 8 - torch.tensor([13.0, 9.0])).abs() <= 1.5).all()
    assert points[1].tolist() == [31 * 8 + 4, 4]


def test_clicks_are_central_as_often_as_asked() -> None:
    region = torch.zeros(1000, 16, 16, dtype=torch.bool)
    region[:, 2:13, 2:13] = True
    central = central_points(region[:1], 4)[0]
    for share in (0.0, 0.5, 1.0):
        points = simulated_clicks(region, 4, torch.Generator().manual_seed(0), share)
        seen = (points == central).all(dim=1).float().mean()
        # A click anywhere hits the one central pixel in one of 1,936 cases.
        assert abs(float(seen) - share) < 0.05


def test_random_points_are_uniform_in_the_region() -> None:
    region = torch.zeros(4000, 8, 8, dtype=torch.bool)
    region[:, 2, 1:5] = True
    x = random_points(region, 1, torch.Generator().manual_seed(0))[:, 0]
    counts = torch.bincount(x.long(), minlength=8)
    assert counts[[0, 5, 6, 7]].sum() == 0
    # Four equally likely cells of 4000 draws: 1000 each, standard deviation 27.
    assert ((counts[1:5] - 1000).abs() < 140).all()


def test_box_noise_has_the_stated_spread_and_cap() -> None:
    box = torch.tensor([[100.0, 100.0, 200.0, 300.0]]).repeat(4000, 1)
    noise = noisy_boxes(box, ViewSize(1024), torch.Generator().manual_seed(0)) - box
    assert noise.abs().max() <= 20
    # 10 % of 100 px is cut at two standard deviations: the spread falls to 9.6; of 200 px at one: 14.6.
    assert 9.0 < noise[:, 0].std() < 10.1
    assert 13.8 < noise[:, 1].std() < 15.4


def test_the_cap_shrinks_with_the_input() -> None:
    box = torch.tensor([[10.0, 10.0, 110.0, 110.0]]).repeat(500, 1)
    assert (noisy_boxes(box, ViewSize(128), torch.Generator().manual_seed(0)) - box).abs().max() <= 2.5


def test_first_prompts_are_points_with_padding_or_box_corners_half_of_the_time() -> None:
    target = square(8, 24)[None].repeat(2000, 1, 1)
    boxes = torch.tensor([[32.0, 32.0, 96.0, 96.0]]).repeat(2000, 1)
    coords, labels = first_prompts(target, boxes, ViewSize(128), generator=torch.Generator().manual_seed(0))
    is_box = labels[:, 0] == BOX_TOP_LEFT
    assert 880 < int(is_box.sum()) < 1120
    assert (labels[is_box] == torch.tensor([BOX_TOP_LEFT, BOX_BOTTOM_RIGHT])).all()
    assert (labels[~is_box] == torch.tensor([FOREGROUND, NOT_A_POINT])).all()
    points = coords[~is_box][:, 0]
    assert points.min() >= 32
    assert points.max() < 96


def test_corrections_are_foreground_in_misses_and_background_in_excess() -> None:
    target = torch.stack([square(8, 24)] * 3)
    logits = torch.stack([square(8, 16), square(0, 32), square(8, 24)]) - 0.5
    generator = torch.Generator().manual_seed(1)
    points, labels = correction_points(logits, target, 32, generator)
    assert labels[:, 0].tolist() == [1, 0, 1]
    cells = points[:, 0].long()
    rows = torch.arange(3)
    assert (target[rows, cells[:, 1], cells[:, 0]] == labels[:, 0]).all()
    wrong = (logits > 0) != (target > 0)
    assert wrong[rows[:2], cells[:2, 1], cells[:2, 0]].all()


def test_the_papers_plan_has_eleven_passes_with_eight_single_clicks() -> None:
    for seed in range(20):
        plan = click_plan(InteractionConfig(), torch.Generator().manual_seed(seed))
        assert len(plan) == 10
        assert sorted(plan) == [0, 0] + [1] * 8
        assert plan[-1] == 0


def test_windows_lie_everywhere_in_inputs_of_whole_cells() -> None:
    generator = torch.Generator().manual_seed(0)
    grids = [draw_window(ViewSize(256, 512), 32, generator) for _ in range(400)]
    assert {(grid.shape, grid.whole_shape) for grid in grids} == {((32, 32), (64, 64))}
    assert (min(grid.top for grid in grids), max(grid.left for grid in grids)) == (0, 32)
    assert draw_window(ViewSize(256), 32, generator).share == 1
    with pytest.raises(ValueError, match="cells"):
        draw_window(ViewSize(256, 500), 32, generator)
