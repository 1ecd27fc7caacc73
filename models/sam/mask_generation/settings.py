"""What automatic mask generation may be told, under the published names, and the settings of the paper's experiments."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

OutputMode = Literal["coco_rle", "uncompressed_rle", "binary_mask"]


@dataclass(frozen=True)
class GeneratorSettings:
    """Settings of one run; ValueError names the one that is out of range.

    `pred_iou_thresh` keeps masks above it, `stability_score_thresh` those that reach it; 0 is no filter.
    `stability_score_offset` is in logits. `crop_n_layers` layers of crops follow the whole image, layer k of 2^k by 2^k
    crops with `points_per_side / crop_n_points_downscale_factor ** k` points a side. Islands and holes smaller than
    `min_mask_region_area` pixels are taken out (0: none). `full_image_share` drops masks of at least this share of the
    image, as the paper did (None: no filter, as the published code). `best_iou_share` drops masks predicted below this
    share of the image's best, which is ours (None: no filter). `points_per_batch`: None is what the decoder finds
    fitting for the memory there is.
    """

    points_per_side: int = 32
    points_per_batch: int | None = None
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7
    crop_n_layers: int = 0
    crop_nms_thresh: float = 0.7
    crop_overlap_ratio: float = 512 / 1500
    crop_n_points_downscale_factor: int = 1
    min_mask_region_area: int = 0
    full_image_share: float | None = None
    best_iou_share: float | None = None
    output_mode: OutputMode = "coco_rle"

    def __post_init__(self) -> None:
        for name in ("points_per_side", "points_per_batch", "crop_n_points_downscale_factor"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        for name in ("crop_n_layers", "min_mask_region_area"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, as {getattr(self, name)} is")
        for name in (
            "pred_iou_thresh",
            "stability_score_thresh",
            "box_nms_thresh",
            "crop_nms_thresh",
            "full_image_share",
            "best_iou_share",
        ):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} must be between 0 and 1, not {value}")
        if not 0 <= self.crop_overlap_ratio < 1:
            raise ValueError(
                f"crop_overlap_ratio must be at least 0 and below 1, not {self.crop_overlap_ratio}"
            )
        if not (self.stability_score_offset > 0 and math.isfinite(self.stability_score_offset)):
            raise ValueError(f"stability_score_offset must be above 0, not {self.stability_score_offset}")
        if self.output_mode not in get_args(OutputMode):
            known = ", ".join(get_args(OutputMode))
            raise ValueError(f"output_mode must be one of {known}, not {self.output_mode!r}")
        if self.points_in_layer(self.crop_n_layers) < 1:
            raise ValueError(
                f"layer {self.crop_n_layers} has no points left: {self.points_per_side} a side, divided by "
                f"{self.crop_n_points_downscale_factor} for each layer"
            )

    def points_in_layer(self, layer: int) -> int:
        """Points per side of a crop of this layer."""
        return int(self.points_per_side / self.crop_n_points_downscale_factor**layer)


# For small models, whose scores are low throughout. Of the default model's masks on eleven pictures of the demo and the
# tests the median predicted IoU is 0.25 to 0.42, the best one 0.67 to 0.92: the published thresholds leave next to none.
# What tells good masks from others is how near they come to the image's best; 0.65 of that keeps 10 to 80 masks an
# image, nearly all of them things or their parts. At 0.45 of it background falls into pieces, and below a stability of
# 0.4 outlines fray. 256 points take 7 s of one core.
FITTED = GeneratorSettings(
    points_per_side=16,
    pred_iou_thresh=0.3,
    stability_score_thresh=0.4,
    min_mask_region_area=100,
    full_image_share=0.95,
    best_iou_share=0.65,
)

# SA-1B's own masks (paper, section B), LVIS proposals (section D.3) and BSDS edges (section D.2). The paper gives no
# threshold of the suppression for edges: it stays the usual one.
PRESETS = {
    "fitted": FITTED,
    "default": GeneratorSettings(),
    "sa1b": GeneratorSettings(
        crop_n_layers=2,
        crop_n_points_downscale_factor=2,
        min_mask_region_area=100,
        full_image_share=0.95,
    ),
    "lvis": GeneratorSettings(
        points_per_side=64, pred_iou_thresh=0, stability_score_thresh=0, box_nms_thresh=0.9
    ),
    "bsds": GeneratorSettings(points_per_side=16, pred_iou_thresh=0, stability_score_thresh=0),
}
