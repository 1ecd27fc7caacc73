"""What embeddings do when images and projects change."""

from backend.embeddings.services import (
    embedding_of_image_leave,
    embedding_request,
    embeddings_remove_unused,
    project_embeddings_request,
)
from backend.images.events import image_created, image_deleting, images_deleted
from backend.images.models import Image
from backend.projects.events import project_model_changed
from backend.projects.models import Project
from backend.projects.selectors import project_locked


def on_image_created(*, image: Image, **_: object) -> None:
    # As it is now: the upload began with a copy, and the project may have got another model since.
    project = project_locked(project_id=image.project_id)
    embedding_request(image=image, model_version=project.model)


def on_image_deleting(*, image: Image, **_: object) -> None:
    embedding_of_image_leave(image=image)


def on_images_deleted(*, sha256s: set[str], **_: object) -> None:
    embeddings_remove_unused(sha256s=sha256s)


def on_project_model_changed(*, project: Project, **_: object) -> None:
    project_embeddings_request(project=project)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    image_created.connect(on_image_created, dispatch_uid="embeddings.image_created")
    image_deleting.connect(on_image_deleting, dispatch_uid="embeddings.image_deleting")
    images_deleted.connect(on_images_deleted, dispatch_uid="embeddings.images_deleted")
    project_model_changed.connect(on_project_model_changed, dispatch_uid="embeddings.project_model_changed")
