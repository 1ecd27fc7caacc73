from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.sam.training.augmentation import AugmentationConfig, ViewSize
from models.sam.training.copy_paste import CopyPasteConfig, draw_cut_out, occlude, paste
from models.sam.training.data_sources import read_images
from models.sam.training.dataset import DataConfig, PromptableDataset
from models.sam.training.image_masks import CutOut, ImageMasks

PLAIN = AugmentationConfig(flip=0.0, brightness=0.0, contrast=0.0, saturation=0.0, grey=0.0)


def disc(radius: int, colour: tuple[int, int, int]) -> CutOut:
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    mask = (rows**2 + columns**2 <= radius**2).astype(np.uint8) * 255
    return CutOut(np.full((*mask.shape, 3), colour, np.uint8), mask, share=0.25)


def test_a_pasted_object_is_opaque_in_its_mask_and_absent_beyond_the_seam() -> None:
    rng = np.random.default_rng(0)
    config = CopyPasteConfig(1.0)
    sizes = set()
    for _ in range(20):
        canvas = np.zeros((128, 128, 3), np.uint8)
        drawn = draw_cut_out(disc(20, (200, 100, 50)), 128, config, PLAIN, rng)
        mask = paste(canvas, (100, 128), drawn, config.feather, rng)
        sizes.add(drawn[1].shape)
        grown, shrunk = mask.copy(), mask.copy()
        for axis in (0, 1):
            for step in (-3, -2, -1, 1, 2, 3):
                grown |= np.roll(grown, step, axis)
                shrunk &= np.roll(shrunk, step, axis)
        assert mask.any()
        assert not mask[100:].any()
        assert not canvas[~grown].any()
        assert np.abs(canvas[shrunk].astype(int) - (200, 100, 50)).max(initial=0) <= 1
    assert len(sizes) > 10  # its scale is drawn anew


def test_a_cut_out_is_the_object_of_its_mask(sample: Path) -> None:
    image = ImageMasks(read_images(sample)[0], max_share=0.9)
    cut_out = image.cut_out(0)
    x0, y0, x1, y1 = image.boxes_xyxy[0].astype(int)
    assert cut_out.mask.shape == (y1 - y0, x1 - x0)
    assert int((cut_out.mask > 0).sum()) == image.areas[0]
    assert all(side.any() for side in (cut_out.mask[0], cut_out.mask[-1], cut_out.mask[:, 0]))
    assert np.array_equal(cut_out.pixels, image.pixels[y0:y1, x0:x1])


def test_covered_masks_lose_pixels_and_mostly_covered_ones_go() -> None:
    cover = np.zeros((10, 10), bool)
    cover[:, 5:] = True
    half, hidden, free = (np.zeros((10, 10), np.uint8) for _ in range(3))
    half[2:6, 2:8] = 1  # 24 pixels, 12 stay
    hidden[2:6, 4:10] = 1  # 24 pixels, 4 stay
    free[0:2, 0:3] = 1
    left = occlude([half, hidden, free], cover, min_visible=0.4, min_pixels=4)
    assert [int(mask.sum()) for mask in left] == [12, 6]
    assert not any((mask * cover).any() for mask in left)
    assert [int(m.sum()) for m in occlude([half, free], cover, min_visible=0.4, min_pixels=7)] == [12]


def test_pasted_views_are_reproducible_and_their_objects_are_targets(sample: Path) -> None:
    plain = DataConfig({str(sample): 1.0}, "val", masks_per_image=64)
    # Nuclei never overlap, but a pasted one may cover others: everything else about the view stays.
    config = replace(plain, copy_paste=CopyPasteConfig(1.0, objects=(3, 3)))
    before, after = PromptableDataset(plain, seed=1), PromptableDataset(config, seed=1)
    again = PromptableDataset(config, seed=1)
    new = 0
    for index in range(10):
        was, view, same = (
            before[index, ViewSize(128)],
            after[index, ViewSize(128)],
            again[index, ViewSize(128)],
        )
        assert np.array_equal(view.image_HWC, same.image_HWC)
        assert np.array_equal(view.masks, same.masks)
        changed = (was.image_HWC != view.image_HWC).any(axis=2)
        old = {mask.tobytes() for mask in was.masks}
        for mask in view.masks:
            touched = bool((mask.astype(bool) & changed).any())
            assert touched or mask.tobytes() in old
            new += touched
        assert view.masks.sum(axis=0).max() == 1
    assert new >= 20


def test_at_most_the_asked_number_of_masks(sample: Path) -> None:
    config = DataConfig(
        {str(sample): 1.0}, "val", masks_per_image=2, copy_paste=CopyPasteConfig(1.0, objects=(3, 3))
    )
    dataset = PromptableDataset(config)
    assert {len(dataset[index, ViewSize(128)].masks) for index in range(8)} == {2}


def test_a_probability_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="probability"):
        CopyPasteConfig(1.5)
