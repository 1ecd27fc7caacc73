from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.projects.models import Project
from backend.tags.models import Tag
from backend.users.models import User


def tag_list(*, project: Project) -> QuerySet[Tag]:
    """The project's tags in the order in which they were made."""
    return Tag.objects.filter(project=project)


def tag_get(*, user: User, tag_id: int) -> Tag:
    """Raises NotFound `tag.not_found`, also for those who are not members of its project."""
    tags = Tag.objects.filter(project__memberships__user=user)
    tag = tags.select_related("project").filter(pk=tag_id).first()
    if tag is None:
        raise NotFound("There is no such tag.", "tag.not_found")
    return tag
