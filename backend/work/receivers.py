"""What the work does when images, embeddings and members change."""

from django.db.models import QuerySet
from django.utils import timezone

from backend.embeddings.events import embeddings_changed
from backend.images.events import image_created, image_deleting, replicas_created
from backend.images.models import Image
from backend.projects.events import member_left
from backend.projects.models import Project
from backend.projects.standing import tell_apart
from backend.tallies.families import WORK
from backend.tallies.services import changes_note
from backend.users.models import User
from backend.work.assigning import work_of_leaver_free
from backend.work.figures import change_figures
from backend.work.gate import REFUSALS
from backend.work.models import StatusChange, WorkItem
from backend.work.selectors import standing_of_image
from backend.work.statuses import resting_status, statuses_follow, works_held


def on_image_created(*, image: Image, **_: object) -> None:
    WorkItem.objects.create(
        image=image, project_id=image.project_id, status=resting_status(image), status_since=timezone.now()
    )


def on_image_deleting(*, image: Image, **_: object) -> None:
    """Takes what happened to the image out of the sums."""
    # Held, so that nothing more happens to it.
    works_held().filter(pk=image.pk).first()
    changes = StatusChange.objects.filter(image=image).order_by("pk")
    changes_note(WORK, gone=[change_figures(change, project_id=image.project_id) for change in changes])


def on_replicas_created(*, images: list[Image], **_: object) -> None:
    """Each is assigned to its annotator."""
    now = timezone.now()
    replicas = Image.objects.select_related("embedding").filter(pk__in=[image.pk for image in images])
    WorkItem.objects.bulk_create(
        WorkItem(
            image=image,
            project_id=image.project_id,
            status=resting_status(image),
            status_since=now,
            assignee_id=image.annotator_id,
            is_replica=True,
        )
        for image in replicas.order_by("pk")
    )


def on_embeddings_changed(*, images: QuerySet[Image], **_: object) -> None:
    statuses_follow(images=images)


def on_member_left(*, project: Project, user: User, **_: object) -> None:
    work_of_leaver_free(project=project, user=user)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    image_created.connect(on_image_created, dispatch_uid="work.image_created")
    image_deleting.connect(on_image_deleting, dispatch_uid="work.image_deleting")
    replicas_created.connect(on_replicas_created, dispatch_uid="work.replicas_created")
    embeddings_changed.connect(on_embeddings_changed, dispatch_uid="work.embeddings_changed")
    member_left.connect(on_member_left, dispatch_uid="work.member_left")
    tell_apart("image_id", standing_of_image, REFUSALS)
