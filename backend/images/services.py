import hashlib
import logging
import uuid
from typing import IO

from django.db import IntegrityError, transaction

from backend.common.storage import file_write, files_delete, files_delete_on_commit
from backend.images.events import image_created, image_deleting, images_deleted
from backend.images.figures import storage_figures
from backend.images.models import Image
from backend.images.pixels import Picture, picture_read
from backend.projects.audit import audit
from backend.projects.events import project_deleting
from backend.projects.models import Project
from backend.tallies.families import STORAGE
from backend.tallies.services import changes_note
from backend.users.models import User

logger = logging.getLogger("anymask.images")


def image_create(
    *, project: Project, user: User | None, file: IO[bytes], file_name: str, licence_note: str = ""
) -> tuple[Image, bool]:
    """Stores the photograph and asks for its embedding. (image, True), or (the one already here, False).

    All or nothing: files are written first and removed again when the row cannot be made. Raises what
    pixels.picture_read raises, and StorageFull.
    """
    digest, byte_size = _sha256(file)
    present = Image.objects.filter(project=project, sha256=digest).first()
    if present is not None:
        return present, False
    picture = picture_read(file)
    image = Image(
        project=project,
        file_name=file_name,
        sha256=digest,
        width=picture.width,
        height=picture.height,
        byte_size=byte_size,
        media_type=picture.media_type,
        licence_note=licence_note,
        uploaded_by=user,
    )
    _keys_set(image, picture, byte_size)
    try:
        _files_write(image, picture, file)
        with transaction.atomic():
            image.save(force_insert=True)
            changes_note(STORAGE, come=[storage_figures(image)])
            image_created.send(sender=Image, image=image)
    except IntegrityError:
        files_delete(image.file_keys)
        # Somebody else stored the same picture in the meantime.
        rival = Image.objects.filter(project=project, sha256=digest).first()
        if rival is None:
            raise
        return rival, False
    except BaseException:
        files_delete(image.file_keys)
        raise
    logger.info(
        "image_created id=%s project=%s pixels=%sx%s", image.pk, project.pk, image.width, image.height
    )
    return image, True


@transaction.atomic
def image_delete(*, image: Image, actor: User | None = None) -> None:
    """Removes the image with its masks and files."""
    audit(
        project=image.project,
        actor=actor,
        action="image.deleted",
        subject=image.file_name,
        image_id=image.pk,
        sha256=image.sha256,
    )
    image_deleting.send(sender=Image, image=image)
    changes_note(STORAGE, gone=[storage_figures(image)])
    image.delete()
    files_delete_on_commit(image.file_keys)
    images_deleted.send(sender=Image, sha256s={image.sha256})


def on_project_deleting(*, project: Project, **_: object) -> None:
    """Removes the project's images before the project goes, so that their files go too."""
    images = list(project.images.all())
    project.images.all().delete()
    files_delete_on_commit([key for image in images for key in image.file_keys])
    images_deleted.send(sender=Image, sha256s={image.sha256 for image in images})


def subscribe() -> None:
    """Called once, when the app is loaded."""
    project_deleting.connect(on_project_deleting, dispatch_uid="images.project_deleting")


def _sha256(file: IO[bytes]) -> tuple[str, int]:
    file.seek(0)
    digest = hashlib.sha256()
    size = 0
    while chunk := file.read(1024**2):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _keys_set(image: Image, picture: Picture, byte_size: int) -> None:
    # A fresh folder per image: a key never names another image's file, so removing one is always safe.
    folder = f"images/{uuid.uuid4().hex}"
    image.original_key = f"{folder}/original.{picture.extension}"
    image.thumbnail_key = f"{folder}/thumbnail.webp"
    image.thumbnail_bytes = len(picture.thumbnail)
    if picture.preview is not None:
        image.preview_key = f"{folder}/preview.webp"
        image.preview_bytes = len(picture.preview)
    image.display_media_type = picture.display_media_type
    if picture.display is None:
        image.display_key, image.display_bytes = image.original_key, byte_size
    else:
        image.display_key = f"{folder}/display.{picture.display_extension}"
        image.display_bytes = len(picture.display)


def _files_write(image: Image, picture: Picture, file: IO[bytes]) -> None:
    file.seek(0)
    file_write(image.original_key, file)
    file_write(image.thumbnail_key, picture.thumbnail)
    if picture.display is not None:
        file_write(image.display_key, picture.display)
    if picture.preview is not None:
        file_write(image.preview_key, picture.preview)
