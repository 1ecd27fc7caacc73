"""One of each thing that has an address of its own, besides images, masks and threads."""

from typing import Any

from backend.jobs.services import job_enqueue
from backend.projects.models import Membership, Project
from backend.quality.rounds import round_create
from backend.tags.services import tag_create
from backend.users.models import User
from backend.webhooks.services import webhook_create, webhook_ping
from tests.builders import make_image


def things_make(*, project: Project, owner: User) -> dict[str, Any]:
    """Values of the addresses' variables."""
    blind = [User.objects.create_user(username=name, password="secret-of-test") for name in ("iris", "olaf")]
    for user in blind:
        Membership.objects.create(project=project, user=user, role=Membership.Role.ANNOTATOR)
    compared = round_create(
        project=project,
        actor=owner,
        name="first",
        annotator_ids=[user.pk for user in blind],
        annotators_per_image=2,
        image_ids=[make_image(project, seed=2).pk],
    )
    webhook = webhook_create(
        project=project, creator=owner, url="https://8.8.8.8/hook", events=["image.accepted"]
    )
    return {
        "tag_id": tag_create(project=project, name="night").pk,
        "webhook_id": webhook.pk,
        "delivery_id": webhook_ping(webhook_id=webhook.pk, actor=owner).pk,
        "job_id": str(job_enqueue(kind="export.coco", params={}, project=project, creator=owner).uuid),
        "round_id": compared.pk,
        "consensus_image_id": compared.images.get().pk,
    }
