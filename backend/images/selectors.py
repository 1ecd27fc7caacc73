from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.images.models import BlurredRegion, Image
from backend.images.visibility import images_listed, images_visible
from backend.projects.models import Project
from backend.users.models import User


def image_list(*, project: Project, user: User) -> QuerySet[Image]:
    """The project's images as `user` sees them, with their embeddings, work and tags, oldest first."""
    return _with_related(images_listed(project=project, user=user)).prefetch_related("tags")


def image_get(*, user: User, image_id: int) -> Image:
    """One image with its embedding and work.

    Raises NotFound `image.not_found`, also for those who are not members of its project or must not see it.
    """
    visible = images_visible(user=user).filter(pk=image_id)
    image = _with_related(visible).select_related("project").first()
    if image is None:
        raise NotFound("There is no such image, or you are not a member of its project.", "image.not_found")
    return image


def image_regions(*, image: Image) -> QuerySet[BlurredRegion]:
    """What was blurred in it before it was stored, in the order it was found."""
    return BlurredRegion.objects.filter(image_id=image.original_id or image.pk).order_by("pk")


def image_neighbours(*, image: Image, user: User) -> dict[str, int | None]:
    """`previous_id`, `next_id`, `position` from 1 and `total` in the order of the list that `user` sees. Where that does
    not hold a replica, its original's place is told."""
    images = images_listed(project=image.project, user=user)
    is_others = image.is_replica and image.annotator_id != user.pk
    place = image.original_id if is_others else image.pk
    before = images.filter(pk__lt=place).order_by("-pk")
    after = images.filter(pk__gt=place).order_by("pk")
    return {
        "previous_id": before.values_list("pk", flat=True).first(),
        "next_id": after.values_list("pk", flat=True).first(),
        "position": before.count() + 1,
        "total": images.count(),
    }


def _with_related(images: QuerySet[Image]) -> QuerySet[Image]:
    return images.select_related("embedding__model_version", "work__assignee", "work__reviewer").order_by(
        "pk"
    )


def image_list_by_ids(*, image_ids: list[int]) -> QuerySet[Image]:
    """The images of these ids with their embeddings, work and tags."""
    return _with_related(Image.objects.filter(pk__in=image_ids)).prefetch_related("tags")
