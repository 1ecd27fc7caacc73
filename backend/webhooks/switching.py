"""Who hears that the server switched a webhook off."""

from django.db.models import Q

from backend.notifications.models import Notification
from backend.projects.audit import audit
from backend.projects.models import Membership
from backend.projects.permissions import MANAGERS
from backend.webhooks.models import Webhook


def owners_told(webhook: Webhook) -> None:
    """Whoever made it, while they manage the project (an address may hold a key, for managers' eyes), and the project's
    owners; the project's log keeps it, too."""
    its_maker = Q(user=webhook.created_by_id, role__in=MANAGERS)
    told = Membership.objects.filter(
        its_maker | Q(role=Membership.Role.OWNER), project=webhook.project_id
    ).distinct()
    Notification.objects.bulk_create(
        Notification(
            user_id=user_id,
            kind=Notification.Kind.WEBHOOK_OFF,
            project_id=webhook.project_id,
            text=webhook.url[:300],
        )
        for user_id in told.values_list("user_id", flat=True)
    )
    audit(
        project=webhook.project,
        actor=None,
        action="webhook.switched_off",
        subject=webhook.url,
        reason=webhook.off_code,
    )
