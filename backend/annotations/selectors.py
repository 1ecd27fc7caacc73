import uuid

from django.db.models import QuerySet

from backend.annotations.models import Mask
from backend.common.errors import NotFound
from backend.images.models import Image
from backend.users.models import User


def _masks() -> QuerySet[Mask]:
    return Mask.objects.select_related("image", "label", "model_version", "author").order_by(
        "created_at", "pk"
    )


def mask_list(*, image: Image) -> QuerySet[Mask]:
    """The image's masks in the order they were made."""
    return _masks().filter(image=image)


def mask_get(*, user: User, mask_id: uuid.UUID) -> Mask:
    """One mask. Raises NotFound `mask.not_found`, also for those who are not members of its project."""
    mask = _masks().filter(pk=mask_id, image__project__memberships__user=user).first()
    if mask is None:
        raise NotFound("There is no such mask.", "mask.not_found")
    return mask


def mask_current(*, mask_id: uuid.UUID) -> Mask | None:
    """The mask as stored now, None when it was deleted. The caller has checked who asks."""
    return _masks().filter(pk=mask_id).first()
