from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.projects.models import Project
from backend.users.models import User
from backend.webhooks.models import Delivery, Webhook


def webhook_list(*, project: Project) -> QuerySet[Webhook]:
    """The project's webhooks, the oldest first."""
    return project.webhooks.select_related("created_by").order_by("pk")


def webhook_get(*, user: User, webhook_id: int) -> Webhook:
    """One webhook. Raises NotFound `webhook.not_found` also for those who are no members of its project."""
    own = Webhook.objects.filter(project__memberships__user=user).select_related("created_by", "project")
    webhook = own.filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("There is no such webhook.", "webhook.not_found")
    return webhook


def delivery_list(*, webhook: Webhook) -> QuerySet[Delivery]:
    """What was and will be delivered to it, the newest first."""
    return webhook.deliveries.order_by("-pk")
