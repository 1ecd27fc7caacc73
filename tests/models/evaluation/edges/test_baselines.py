"""Sobel and Canny on photographs whose edges are plain."""

from collections.abc import Callable

import numpy as np
import pytest

from models.sam.evaluation.edges.baselines import (
    brightness,
    canny_edges,
    canny_hysteresis_edges,
    sobel_edges,
    with_hysteresis,
)

DETECTORS = (sobel_edges, canny_edges, canny_hysteresis_edges)
Detector = Callable[[np.ndarray], np.ndarray]


def step(across: int, height: int = 255) -> np.ndarray:
    """Dark, and bright from column 20 on; turned for `across` 0."""
    grey = np.zeros((40, 40), np.uint8)
    grey[:, 20:] = height
    return np.repeat((grey if across else grey.T)[..., None], 3, axis=2)


@pytest.mark.parametrize("detect", DETECTORS)
@pytest.mark.parametrize("across", [0, 1])
def test_the_edge_of_a_step_is_at_the_step(detect: Detector, across: int) -> None:
    edges = detect(step(across))
    assert edges.dtype == np.float32
    assert edges.max() == pytest.approx(1, abs=0.05)
    assert edges.min() == 0
    lines = np.flatnonzero(edges.max(axis=1 - across) > 0.1)
    # Both pixels beside the step are as steep, a little less so than the step between them.
    assert lines.tolist() == [19, 20]
    assert (edges.max(axis=across) > 0.9).all()


@pytest.mark.parametrize("detect", DETECTORS)
def test_a_flat_photograph_has_no_edge(detect: Detector) -> None:
    assert detect(np.full((20, 30, 3), 200, np.uint8)).max() < 1e-5


@pytest.mark.parametrize("detect", DETECTORS)
def test_an_edge_is_as_strong_as_its_contrast(detect: Detector) -> None:
    assert detect(step(1, 102)).max() == pytest.approx(0.4, abs=0.025)


def test_smoothing_makes_canny_blind_to_a_speck() -> None:
    photograph = step(1, 60)
    photograph[8, 8] = 200
    near_speck = np.s_[5:12, 5:12]
    assert sobel_edges(photograph)[near_speck].max() > 0.3
    assert canny_edges(photograph, 3.0)[near_speck].max() < 0.05


def test_colours_are_as_bright_as_the_eye_sees_them() -> None:
    red_green_blue = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    np.testing.assert_allclose(brightness(red_green_blue), [[0.299, 0.587, 0.114, 1]], atol=1e-6)


def test_hysteresis_lifts_what_hangs_together_with_strong_edges_alone() -> None:
    ridges = np.array([[0.905, 0.5, 0.31, 0, 0.5], [0, 0, 0, 0, 0.1]], np.float32)
    found = with_hysteresis(ridges)
    # 0.31 hangs together with 0.9 up to level 0.77, 0.4 of which is 0.308.
    np.testing.assert_allclose(found, [[0.9, 0.9, 0.77, 0, 0.5], [0, 0, 0, 0, 0.25]], atol=1e-5)


def test_hysteresis_reaches_each_level_that_the_ridge_itself_reaches() -> None:
    rng = np.random.default_rng(0)
    ridges = np.where(rng.random((30, 30)) < 0.2, rng.random((30, 30)), 0).astype(np.float32)
    found = with_hysteresis(ridges)
    for level in np.arange(1, 100) / 100:
        assert (found >= level)[ridges >= level].all()
    assert not found[ridges == 0].any()
