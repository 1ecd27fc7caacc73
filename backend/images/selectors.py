from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.images.models import Image
from backend.projects.models import Project
from backend.users.models import User


def image_list(*, project: Project) -> QuerySet[Image]:
    """The project's images with their embeddings and work, oldest first."""
    return _with_related(Image.objects.filter(project=project))


def image_get(*, user: User, image_id: int) -> Image:
    """One image with its embedding and work.

    Raises NotFound `image.not_found`, also for those who are not members of its project.
    """
    visible = Image.objects.filter(project__memberships__user=user, pk=image_id)
    image = _with_related(visible).select_related("project").first()
    if image is None:
        raise NotFound("There is no such image, or you are not a member of its project.", "image.not_found")
    return image


def image_neighbours(*, image: Image) -> dict[str, int | None]:
    """`previous_id`, `next_id`, `position` from 1 and `total` in the order of the list."""
    images = Image.objects.filter(project_id=image.project_id)
    before = images.filter(pk__lt=image.pk).order_by("-pk")
    after = images.filter(pk__gt=image.pk).order_by("pk")
    return {
        "previous_id": before.values_list("pk", flat=True).first(),
        "next_id": after.values_list("pk", flat=True).first(),
        "position": before.count() + 1,
        "total": images.count(),
    }


def _with_related(images: QuerySet[Image]) -> QuerySet[Image]:
    related = images.select_related("embedding__model_version", "work__assignee", "work__reviewer")
    return related.order_by("pk")


def image_list_by_ids(*, image_ids: list[int]) -> QuerySet[Image]:
    """The images of these ids with their embeddings and work."""
    return _with_related(Image.objects.filter(pk__in=image_ids))
