"""What the embeddings of images add to the sums of storage. A row's size changes once, from nought, while it is held."""

from collections import Counter
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from backend.images.models import Image


def storage_figures(images: QuerySet[Image]) -> list[dict[str, Any]]:
    """What `tallies.families.STORAGE` counts of the embeddings of these images, in all by project and day.
    Replicas share their original's."""
    sums: Counter[tuple[Any, Any]] = Counter()
    rows = images.filter(embedding__byte_size__gt=0, original__isnull=True).order_by()
    for project_id, created_at, size in rows.values_list("project_id", "created_at", "embedding__byte_size"):
        sums[project_id, created_at.astimezone(UTC).date()] += size
    return [
        {"project_id": project_id, "day": day, "embedding_bytes": size}
        for (project_id, day), size in sums.items()
    ]
