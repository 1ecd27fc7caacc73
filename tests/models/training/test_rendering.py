from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.sam.training import dataset
from models.sam.training.augmentation import ViewSize
from models.sam.training.copy_paste import CopyPasteConfig
from models.sam.training.dataset import DataConfig, PromptableDataset
from models.sam.training.rendering.scene import Scene, render_scene
from models.sam.training.rendering.shapes import KINDS, silhouette
from models.sam.training.rendering.textures import pick
from models.sam.training.rendering.views import render_view


def scenes(count: int, side: int = 96) -> list[Scene]:
    return [render_scene(side, side + 16, np.random.default_rng((1, index))) for index in range(count)]


def test_a_scene_is_a_function_of_its_generator() -> None:
    first, again, other = (render_scene(80, 64, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.pixels, other.pixels)
    assert first.pixels.shape == (80, 64, 3)
    assert first.pixels.dtype == np.uint8


def test_parts_lie_inside_their_wholes_and_wholes_apart() -> None:
    depths = set()
    for scene in scenes(12):
        wholes = [node for node in range(1, len(scene.last)) if scene.depths[node] == 0]
        assert sum(scene.mask(node).astype(int) for node in wholes).max() <= 1
        assert np.array_equal(sum(scene.mask(node) for node in wholes) > 0, scene.labels > 0)
        for node in range(1, len(scene.last)):
            depths.add(scene.depths[node])
            for child in range(node + 1, scene.last[node] + 1):
                assert scene.depths[child] > scene.depths[node]
                assert not (scene.mask(child) & ~scene.mask(node)).any()
    assert depths == {0, 1, 2}


def test_visible_areas_count_the_masks_and_never_exceed_what_was_painted() -> None:
    hidden = 0
    for scene in scenes(12):
        areas = scene.visible_areas()
        assert areas.tolist()[1:] == [int(scene.mask(node).sum()) for node in range(1, len(areas))]
        assert (areas[1:] <= scene.areas[1:]).all()
        hidden += int((areas[1:] < scene.areas[1:]).sum())
    assert hidden > 5  # some things are in front of others


def test_a_masks_edge_is_where_the_picture_changes() -> None:
    """Colour steps between neighbours are larger across an edge of the masks than elsewhere."""
    across, elsewhere = [], []
    for scene in scenes(24):
        step = np.abs(np.diff(scene.pixels.astype(int), axis=1)).sum(axis=2)
        edge = scene.labels[:, 1:] != scene.labels[:, :-1]
        across.append(step[edge].mean())
        elsewhere.append(step[~edge].mean())
        # Two pixels aside there is no edge: the masks are not shifted against the picture.
        aside = np.roll(edge, 3, axis=1) & ~edge
        elsewhere.append(step[aside].mean())
    assert np.mean(across) > 2.5 * np.mean(elsewhere)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_silhouettes_are_neither_empty_nor_full(kind: int) -> None:
    for index in range(20):
        coverage = silhouette(40, 56, kind, np.random.default_rng(index))
        assert coverage.shape == (40, 56)
        assert coverage.dtype == np.uint8
        assert 0.01 < (coverage >= 128).mean() <= 1


def test_shares_decide_how_often_an_index_is_picked() -> None:
    rng = np.random.default_rng(0)
    counts = np.bincount([pick((0.5, 0.3, 0.2), rng) for _ in range(4000)])
    np.testing.assert_allclose(counts / 4000, (0.5, 0.3, 0.2), atol=0.03)


def test_views_keep_to_the_asked_sizes_and_nest() -> None:
    nested = 0
    for index in range(20):
        rng = np.random.default_rng(index)
        pixels, masks = render_view(
            128, 8, min_visible=0.4, min_pixels=24, max_share=0.5, area_power=0.25, rng=rng
        )
        assert max(pixels.shape) == 128
        assert len(masks) <= 8
        for mask in masks:
            assert mask.shape == pixels.shape[:2]
            assert 24 <= mask.sum(dtype=int) <= 0.5 * mask.size
            nested += sum(bool((mask >= other).all()) for other in masks if other is not mask)
    assert nested > 20  # the same click is right for several masks


def test_rendered_is_a_source_beside_folders(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = PromptableDataset(DataConfig({"rendered": 1.0}, masks_per_image=4), seed=3)
    view, again = alone[7, ViewSize(96)], alone[7, ViewSize(96)]
    assert np.array_equal(view.image_HWC, again.image_HWC)
    assert view.masks.shape[1:] == (96, 96)
    assert 1 <= len(view.masks) <= 4

    drawn = 0

    def counted(*arguments: Any, **keywords: Any) -> tuple[np.ndarray, list[np.ndarray]]:
        nonlocal drawn
        drawn += 1
        return render_view(*arguments, **keywords)

    monkeypatch.setattr(dataset, "render_view", counted)
    mixed = PromptableDataset(DataConfig({str(sample): 3.0, "rendered": 1.0}, "val"), seed=3)
    assert len([mixed[index, ViewSize(64)] for index in range(120)]) == 120
    assert 15 < drawn < 48


def test_objects_to_paste_need_a_photograph() -> None:
    with pytest.raises(ValueError, match="copy from"):
        PromptableDataset(DataConfig({"rendered": 1.0}, copy_paste=CopyPasteConfig(1.0)))
