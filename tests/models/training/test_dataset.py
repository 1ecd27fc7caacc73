from pathlib import Path

import numpy as np
import pytest
import torch

from models.cli import make_shard
from models.sam.build import build_sam
from models.sam.training.augmentation import AugmentationConfig, ViewSize, random_view, whole_view
from models.sam.training.data_sources import DataError, read_images
from models.sam.training.dataset import DataConfig, PromptableDataset, collate
from models.sam.training.interaction import low_res_targets, normalise


def test_views_of_an_index_are_reproducible_and_differ_between_indices(sample: Path) -> None:
    config = DataConfig({str(sample): 1.0}, "val")
    first, again = (
        PromptableDataset(config, seed=3)[5, ViewSize(128)],
        PromptableDataset(config, seed=3)[5, ViewSize(128)],
    )
    other = PromptableDataset(config, seed=3)[6, ViewSize(128)]
    assert np.array_equal(first.image_HWC, again.image_HWC)
    assert np.array_equal(first.masks, again.masks)
    assert not np.array_equal(first.image_HWC, other.image_HWC)


def test_masks_boxes_and_padding_of_a_view_agree(sample: Path) -> None:
    dataset = PromptableDataset(DataConfig({str(sample): 1.0}, "val"), seed=0)
    for index in range(20):
        view = dataset[index, ViewSize(128)]
        height, width = view.content
        assert not view.image_HWC[height:].any()
        assert not view.masks[:, :, width:].any()
        for mask, (x0, y0, x1, y1) in zip(view.masks, view.boxes_xyxy.astype(int), strict=True):
            assert mask.sum() >= 24
            assert mask[y0:y1, x0:x1].sum() == mask.sum()
            assert mask[y0:y1, x0].any()
            assert mask[y1 - 1, x0:x1].any()


def test_image_and_mask_share_the_geometry() -> None:
    rng = np.random.default_rng(0)
    scene = np.zeros((100, 160, 3), np.uint8)
    scene[30:60, 70:120] = 255
    for _ in range(30):
        view = random_view(
            100, 160, ViewSize(128), np.array([70.0, 30.0, 120.0, 60.0]), AugmentationConfig(), rng
        )
        image, mask = view.draw(scene), view.draw(scene[..., 0])
        assert image.shape == (view.height, view.width, 3)
        assert max(view.height, view.width) <= 128
        assert np.array_equal(image[..., 0], mask)
        assert mask.max() > 200  # the anchor's centre is always in the view


def test_the_whole_view_is_the_predictors_resize() -> None:
    view = whole_view(180, 270, 256)
    assert (view.height, view.width, view.mirrored) == (171, 256, False)


def test_images_are_normalised_as_in_the_predictor(sample: Path) -> None:
    dataset = PromptableDataset(DataConfig({str(sample): 1.0}, "val"), seed=1)
    batch = collate([dataset[i, ViewSize(256)] for i in range(3)])
    model = build_sam("tiny")
    prepared = normalise(model, batch)
    for image, content, expected in zip(batch.images, batch.content.tolist(), prepared, strict=True):
        alone = model.preprocess(image[:, : content[0], : content[1]].float())
        torch.testing.assert_close(expected, alone)


def test_low_res_targets_keep_thin_masks() -> None:
    masks = torch.zeros(2, 16, 16, dtype=torch.uint8)
    masks[0, :8, :8] = 1
    masks[1, 5, 3] = 1
    target = low_res_targets(masks, 4)
    assert target.sum(dim=(1, 2)).tolist() == [4, 1]
    assert target[1, 1, 0] == 1


def test_a_shard_reads_like_its_folder(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = tmp_path / "nuclei.tar"
    assert make_shard.main(["--data", str(sample), "--output", str(shard), "--split", "val"]) == 0
    assert "4 images, 55 masks" in capsys.readouterr().out
    whole, packed = read_images(sample), read_images(shard)
    assert [image.file_name for image in packed] == [image.file_name for image in whole]
    assert all(np.array_equal(a.pixels(), b.pixels()) for a, b in zip(whole, packed, strict=True))
    assert [image.segmentations for image in packed] == [image.segmentations for image in whole]
    assert [image.categories for image in packed] == [image.categories for image in whole] != []
    first = shard.read_bytes()
    make_shard.main(["--data", str(sample), "--output", str(shard), "--split", "val"])
    assert shard.read_bytes() == first


def test_a_smaller_shard_resizes_images_and_masks(sample: Path, tmp_path: Path) -> None:
    shard = tmp_path / "small.tar"
    assert make_shard.main(["--data", str(sample), "--output", str(shard), "--max-side", "128"]) == 0
    for image in read_images(shard):
        assert max(image.pixels().shape) == 128
        assert image.segmentations[0]["size"] == [image.height, image.width]
        assert set(image.categories) == {"nucleus"}


def test_bad_sources_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match="no data folder"):
        read_images(tmp_path / "nothing")
    with pytest.raises(DataError, match=r"annotations\.json"):
        read_images(tmp_path)
    assert make_shard.main(["--data", str(tmp_path), "--output", str(tmp_path / "x.tar")]) == 1
    assert "annotations.json" in capsys.readouterr().err
