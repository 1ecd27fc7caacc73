"""Replicas get their originals' tags."""

from collections.abc import Sequence

from backend.images.events import replicas_created
from backend.images.models import Image
from backend.tags.models import ImageTag


def on_replicas_created(*, images: Sequence[Image], **_: object) -> None:
    replicas: dict[int, list[int]] = {}
    for image in images:
        if image.original_id is not None:
            replicas.setdefault(image.original_id, []).append(image.pk)
    pairs = ImageTag.objects.filter(image__in=replicas).values_list("image_id", "tag_id")
    ImageTag.objects.bulk_create(
        [ImageTag(image_id=pk, tag_id=tag) for original, tag in pairs for pk in replicas[original]],
        batch_size=500,
    )


def subscribe() -> None:
    """Called once, when the app is loaded."""
    replicas_created.connect(on_replicas_created, dispatch_uid="tags.replicas_created")
