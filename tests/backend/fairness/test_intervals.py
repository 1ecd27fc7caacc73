"""The interval against numbers worked out by hand, against the models' own, and against what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.fairness.intervals import clustered_difference, clustered_mean


def test_by_hand() -> None:
    """Two images: masks .2 and .4, mask .9. Mean .5; deviations by image -.4 and .4; error of the mean
    sqrt(2/1 (.16 + .16)) / 3 = .26667; Student's t for one degree of freedom 12.7062."""
    found = clustered_mean([0.2, 0.4, 0.9], [7, 7, 8])
    assert found is not None
    assert (found.masks, found.images) == (3, 2)
    assert found.mean == pytest.approx(0.5)
    assert found.reach == pytest.approx(12.7062 * 0.266667, rel=1e-4)


def test_a_difference_by_hand() -> None:
    """Inside .8, .6 (images 1, 2), outside .5, .3 (images 3, 4): .7 - .4 = .3. Each moves it by half its deviation, .05;
    error sqrt(4/3 * 4 * .05^2) = .11547; one degree of freedom, as either side has two images."""
    inside = np.array([True, True, False, False])
    found = clustered_difference([0.8, 0.6, 0.5, 0.3], [1, 2, 3, 4], inside)
    assert found is not None
    assert found.mean == pytest.approx(0.3)
    assert found.reach == pytest.approx(12.7062 * 0.1154701, rel=1e-4)
    assert (found.masks, found.images) == (2, 2)


def test_what_the_masks_of_an_image_have_in_common_cancels() -> None:
    rng = np.random.default_rng(1)
    light = rng.normal(0.5, 0.2, 40)
    values = np.concatenate([light + 0.05, light])
    inside = np.repeat([True, False], 40)
    together = clustered_difference(values, [*range(40), *range(40)], inside)
    apart = clustered_difference(values, [*range(80)], inside)
    assert together is not None
    assert apart is not None
    assert together.mean == apart.mean == pytest.approx(0.05)
    assert together.reach == pytest.approx(0, abs=1e-9)
    assert apart.reach is not None
    assert apart.reach > 0.05


def test_a_single_image_and_none() -> None:
    assert clustered_mean([], []) is None
    single = clustered_mean([0.4, 0.6], [3, 3])
    assert single is not None
    assert (single.mean, single.reach, single.low, single.high) == (0.5, None, None, None)
    inside = np.array([True, True])
    assert clustered_difference([0.4, 0.6], [3, 4], inside) is None
    assert clustered_difference([0.4, 0.6], [3, 4], ~inside) is None


VALUES = st.lists(st.tuples(st.integers(1, 6), st.floats(0, 1, allow_nan=False)), min_size=1, max_size=40)


@given(VALUES)
def test_the_mean_is_within_its_interval_and_the_order_means_nothing(rows: list[tuple[int, float]]) -> None:
    images, values = zip(*rows, strict=True)
    found = clustered_mean(values, images)
    turned = clustered_mean(values[::-1], images[::-1])
    assert found is not None
    assert turned is not None
    assert found.mean == pytest.approx(turned.mean)
    assert (found.reach is None) == (len(set(images)) == 1)
    if found.reach is not None:
        assert found.reach >= 0
        assert found.reach == pytest.approx(turned.reach, abs=1e-12)


@pytest.mark.parametrize("images", [6, 25])
def test_nineteen_in_twenty_intervals_hold_the_truth(images: int) -> None:
    """Masks share most of what makes them easy with their image: intervals that took them for independent would hold it
    far less often, which the second count shows."""
    rng = np.random.default_rng(0)
    rounds, masks = 2000, 8
    keys = np.repeat(np.arange(images), masks)
    held = naive = 0
    for _ in range(rounds):
        values = np.repeat(rng.normal(0.6, 0.15, images), masks) + rng.normal(0, 0.05, images * masks)
        found = clustered_mean(values, keys)
        assert found is not None
        assert found.reach is not None
        held += abs(found.mean - 0.6) <= found.reach
        naive += abs(found.mean - 0.6) <= 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    assert held / rounds == pytest.approx(0.95, abs=0.015)
    assert naive / rounds < 0.75
