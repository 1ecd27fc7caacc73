"""Records as SA-1B has them: one JSON an image, masks without classes (SAM paper, section 5; README of the data set)."""

from collections.abc import Sequence
from typing import Any

from models.sam.mask_generation.generator import MaskRecord

IDS_PER_IMAGE = 100_000  # more than any grid has masks, so that ids are unique among all images of a run


def sa1b_document(
    records: Sequence[MaskRecord], image_id: int, file_name: str, size: tuple[int, int]
) -> dict[str, Any]:
    """The document of an image of `size` (H, W). `records` with compressed RLEs; `image_id` counts from 1."""
    return {
        "image": {"image_id": image_id, "width": size[1], "height": size[0], "file_name": file_name},
        "annotations": [
            {"id": image_id * IDS_PER_IMAGE + number, **record} for number, record in enumerate(records)
        ],
    }
