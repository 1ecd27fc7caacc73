import numpy as np
import pytest

from models.cli.train import build_parser, config_of
from models.sam.training.augmentation import AugmentationConfig, View, ViewSize, random_view

ANCHOR = np.array([90.0, 60.0, 130.0, 100.0])


def views(config: AugmentationConfig, count: int = 600) -> list[View]:
    rng = np.random.default_rng(0)
    return [random_view(200, 400, ViewSize(256), ANCHOR, config, rng) for _ in range(count)]


def scale(view: View) -> float:
    """Input pixels per stored pixel, 1 for the whole image at side 256."""
    return view.width / (view.box[2] - view.box[0]) * 400 / 256


def test_zoom_alone_reaches_the_range_of_large_scale_jitter_but_favours_small_images() -> None:
    scales = [scale(view) for view in views(AugmentationConfig(zoom=(0.1, 2.0), aspect=0.0))]
    assert min(scales) < 0.12
    assert max(scales) > 1.9
    # log-uniform: as much below the geometric mean as above
    assert np.mean(np.array(scales) < np.sqrt(0.1 * 2)) == pytest.approx(0.5, abs=0.06)


def test_large_scale_jitter_draws_scales_evenly() -> None:
    config = AugmentationConfig(zoom=(0.1, 2.0), aspect=0.0, large_scale_jitter=True)
    scales = np.array([scale(view) for view in views(config)])
    assert np.quantile(scales, [0.05, 0.25, 0.5, 0.75, 0.95]) == pytest.approx(
        [0.195, 0.575, 1.05, 1.525, 1.905], abs=0.09
    )


def test_large_scale_jitter_crops_the_inputs_square() -> None:
    config = AugmentationConfig(zoom=(2.0, 2.0), aspect=0.0, large_scale_jitter=True)
    for view in views(config, 20):
        # A 400 x 200 image at twice the size of the input's 256 is 512 x 256: its height just fits.
        assert (view.height, view.width) == (256, 256)
        assert (view.box[1], view.box[3]) == (0, 200)
        assert view.box[2] - view.box[0] == pytest.approx(200)
        assert view.box[0] <= 110 <= view.box[2]  # the anchor's centre is inside


def test_the_command_gives_large_scale_jitter_the_papers_range() -> None:
    base = ["--data", "d", "--out", "o", "--steps", "1"]

    def zoom(*more: str) -> tuple[tuple[float, float], bool]:
        config = config_of(build_parser().parse_args([*base, *more])).data.augmentation
        return config.zoom, config.large_scale_jitter

    assert zoom() == ((0.75, 2.5), False)
    assert zoom("--large-scale-jitter") == ((0.1, 2.0), True)
    assert zoom("--large-scale-jitter", "--zoom", "0.5", "2") == ((0.5, 2.0), True)


def test_a_window_shows_a_part_of_its_input_at_the_inputs_scale() -> None:
    config = AugmentationConfig(zoom=(0.9, 0.9), large_scale_jitter=True, aspect=0.0)
    anchor = np.array([180.0, 90.0, 220.0, 110.0])
    whole, window = (
        random_view(200, 400, size, anchor, config, np.random.default_rng(0))
        for size in (ViewSize(256), ViewSize(128, 256))
    )
    scales = [view.width / (view.box[2] - view.box[0]) for view in (whole, window)]
    assert scales == pytest.approx([0.9 * 256 / 400] * 2, rel=0.01)
    assert max(window.width, window.height) <= 128 < whole.width
