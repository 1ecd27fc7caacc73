"""What the generator may be told, and the presets. The same as `models.sam.mask_generation.settings` has them, which the
web part does not import; a test compares the two."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import models

from backend.common.errors import InvalidInput

# Points that are asked on one image, in all crops together: an hour on a laptop.
MOST_POINTS: Final = 50_000


class Preset(models.TextChoices):
    """Settings by name."""

    # For small models, whose scores are low throughout.
    FITTED = "fitted"
    # The published generator's, SA-1B's own masks, LVIS proposals, BSDS edges.
    DEFAULT = "default"
    SA1B = "sa1b"
    LVIS = "lvis"
    BSDS = "bsds"


_DEFAULT: Final[Mapping[str, Any]] = {
    "points_per_side": 32,
    "pred_iou_thresh": 0.88,
    "stability_score_thresh": 0.95,
    "stability_score_offset": 1.0,
    "box_nms_thresh": 0.7,
    "crop_n_layers": 0,
    "crop_nms_thresh": 0.7,
    "crop_overlap_ratio": 512 / 1500,
    "crop_n_points_downscale_factor": 1,
    "min_mask_region_area": 0,
    "full_image_share": None,
    "best_iou_share": None,
}
PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    Preset.FITTED: {
        **_DEFAULT,
        "points_per_side": 16,
        "pred_iou_thresh": 0.3,
        "stability_score_thresh": 0.4,
        "min_mask_region_area": 100,
        "full_image_share": 0.95,
        "best_iou_share": 0.65,
    },
    Preset.DEFAULT: _DEFAULT,
    Preset.SA1B: {
        **_DEFAULT,
        "crop_n_layers": 2,
        "crop_n_points_downscale_factor": 2,
        "min_mask_region_area": 100,
        "full_image_share": 0.95,
    },
    Preset.LVIS: {
        **_DEFAULT,
        "points_per_side": 64,
        "pred_iou_thresh": 0.0,
        "stability_score_thresh": 0.0,
        "box_nms_thresh": 0.9,
    },
    Preset.BSDS: {**_DEFAULT, "points_per_side": 16, "pred_iou_thresh": 0.0, "stability_score_thresh": 0.0},
}


def settings_of(*, preset: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """All settings: the preset's, and what was said instead. Raises InvalidInput `proposal.settings`."""
    settings = {**PRESETS[preset], **overrides}
    side, divisor = settings["points_per_side"], settings["crop_n_points_downscale_factor"]
    in_layer = [int(side / divisor**layer) for layer in range(settings["crop_n_layers"] + 1)]
    if in_layer[-1] < 1:
        raise InvalidInput(
            f"No points are left for the last layer of crops: {side} a side, divided by {divisor} for each layer.",
            "proposal.settings",
        )
    points = sum(4**layer * count**2 for layer, count in enumerate(in_layer))
    if points > MOST_POINTS:
        raise InvalidInput(
            f"These settings ask {points:,} points on each image; {MOST_POINTS:,} are the most.",
            "proposal.settings",
            {"points": points, "most": MOST_POINTS},
        )
    return settings
