"""The generator against the golden scene, whose decoder is no network: every record, in order."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.sam import rle
from models.sam.mask_generator import PRESETS, AutomaticMaskGenerator, GeneratorSettings
from tests.models.mask_generation.scene import SceneDecoder

CONFIGS = ("default_16", "no_filters_8", "crops1_16_down2", "crops2_16_down2", "clean30", "coco")


@pytest.fixture(scope="module")
def scene(golden: Path) -> np.ndarray:
    return np.load(golden / "amg_helpers.npz")["scene_u8"]


@pytest.fixture
def generator() -> AutomaticMaskGenerator:
    return AutomaticMaskGenerator(SceneDecoder())


@pytest.mark.parametrize("name", CONFIGS)
def test_the_golden_records(
    name: str, golden: Path, scene: np.ndarray, generator: AutomaticMaskGenerator
) -> None:
    expected = json.loads((golden / "amg_scene_expected.json").read_text())[name]
    records = generator.generate(scene, GeneratorSettings(**expected["config"]))
    assert len(records) == len(expected["records"]) > 20
    for record, wanted in zip(records, expected["records"], strict=True):
        for key in ("segmentation", "area", "bbox", "crop_box", "point_coords"):
            assert record[key] == wanted[key], key
        assert record["predicted_iou"] == pytest.approx(wanted["predicted_iou"], abs=1e-6)
        assert record["stability_score"] == pytest.approx(wanted["stability_score"], abs=1e-6)


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_the_batch_changes_nothing(batch: int, scene: np.ndarray, generator: AutomaticMaskGenerator) -> None:
    usual = generator.generate(scene, GeneratorSettings(points_per_side=9))
    assert generator.generate(scene, GeneratorSettings(points_per_side=9, points_per_batch=batch)) == usual


def test_the_output_modes_say_the_same(scene: np.ndarray, generator: AutomaticMaskGenerator) -> None:
    compressed, plain, masks = (
        [
            record["segmentation"]
            for record in generator.generate(scene, GeneratorSettings(points_per_side=8, output_mode=mode))
        ]
        for mode in ("coco_rle", "uncompressed_rle", "binary_mask")
    )
    assert len(masks) > 10
    for string, runs, mask in zip(compressed, plain, masks, strict=True):
        assert mask.dtype == bool
        np.testing.assert_array_equal(rle.decode(string), mask)
        np.testing.assert_array_equal(rle.decode(runs), mask)


def test_masks_of_the_whole_image_can_be_dropped(
    scene: np.ndarray, generator: AutomaticMaskGenerator
) -> None:
    def areas(share: float | None) -> set[int]:
        chosen = GeneratorSettings(points_per_side=8, full_image_share=share)
        return {record["area"] for record in generator.generate(scene, chosen)}

    largest = max(areas(None))
    assert largest in areas((largest + 1) / scene[..., 0].size)
    assert largest not in areas(largest / scene[..., 0].size)


def test_progress_counts_the_points_of_all_crops(
    scene: np.ndarray, generator: AutomaticMaskGenerator
) -> None:
    seen: list[tuple[int, int]] = []
    chosen = GeneratorSettings(points_per_side=4, crop_n_layers=1, crop_n_points_downscale_factor=2)
    generator.generate(scene, chosen, lambda done, total: seen.append((done, total)))
    assert seen == [(16, 32), (20, 32), (24, 32), (28, 32), (32, 32)]


def test_nothing_found_is_an_empty_list(scene: np.ndarray, generator: AutomaticMaskGenerator) -> None:
    for layers in (0, 1):
        chosen = GeneratorSettings(
            points_per_side=4, pred_iou_thresh=1, crop_n_layers=layers, min_mask_region_area=5
        )
        assert generator.generate(scene, chosen) == []


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_only_photographs_are_looked_at(image: np.ndarray, generator: AutomaticMaskGenerator) -> None:
    with pytest.raises(ValueError, match="an image must be uint8"):
        generator.generate(image)


def test_an_image_can_be_too_small_for_its_crops(generator: AutomaticMaskGenerator) -> None:
    with pytest.raises(ValueError, match="1 x 3 photograph is too small for 2 layers"):
        generator.generate(np.zeros((3, 1, 3), np.uint8), PRESETS["sa1b"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points_per_side", 0),
        ("points_per_batch", 0),
        ("pred_iou_thresh", 1.5),
        ("stability_score_thresh", -0.1),
        ("stability_score_offset", 0.0),
        ("box_nms_thresh", float("nan")),
        ("crop_nms_thresh", 2.0),
        ("crop_n_layers", -1),
        ("crop_overlap_ratio", 1.0),
        ("crop_n_points_downscale_factor", 0),
        ("min_mask_region_area", -1),
        ("full_image_share", 1.1),
        ("best_iou_share", -0.1),
        ("output_mode", "png"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        GeneratorSettings(**{field: value})


def test_masks_far_from_the_best_one_are_dropped(
    scene: np.ndarray, generator: AutomaticMaskGenerator
) -> None:
    everything = GeneratorSettings(points_per_side=8, pred_iou_thresh=0, box_nms_thresh=1)
    records = generator.generate(scene, everything)
    best = max(record["predicted_iou"] for record in records)
    kept = generator.generate(scene, replace(everything, best_iou_share=0.97))
    assert kept == [record for record in records if record["predicted_iou"] >= np.float32(0.97 * best)]
    assert 0 < len(kept) < len(records)
    assert generator.generate(scene, replace(everything, best_iou_share=0)) == records


def test_a_layer_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="layer 3 has no points left"):
        GeneratorSettings(points_per_side=4, crop_n_layers=3, crop_n_points_downscale_factor=2)


def test_the_presets_are_those_of_the_paper() -> None:
    sa1b = PRESETS["sa1b"]
    assert [sa1b.points_in_layer(layer) for layer in range(sa1b.crop_n_layers + 1)] == [32, 16, 8]
    assert (sa1b.min_mask_region_area, sa1b.full_image_share) == (100, 0.95)
    assert (PRESETS["lvis"].points_per_side, PRESETS["lvis"].box_nms_thresh) == (64, 0.9)
    assert PRESETS["bsds"].points_per_side == 16
    assert PRESETS["lvis"].pred_iou_thresh == PRESETS["bsds"].stability_score_thresh == 0
