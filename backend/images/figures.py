"""What an image adds to the sums of storage, but for its embedding."""

from datetime import UTC
from typing import Any

from backend.images.models import Image


def storage_figures(image: Image) -> dict[str, Any]:
    """What `tallies.families.STORAGE` counts of the image's own files."""
    return {
        "project_id": image.project_id,
        "day": image.created_at.astimezone(UTC).date(),
        "images": 1,
        "original_bytes": image.byte_size + (image.source_bytes if image.source_key else 0),
        "display_bytes": 0 if image.display_key == image.original_key else image.display_bytes,
        "preview_bytes": image.preview_bytes,
        "thumbnail_bytes": image.thumbnail_bytes,
    }
