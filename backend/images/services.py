import hashlib
import io
import logging
import uuid
from collections.abc import Sequence
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet

from backend.common.errors import Conflict
from backend.common.storage import file_write, files_delete, files_delete_on_commit
from backend.images.deidentifying import Deidentified, deidentified
from backend.images.events import image_created, image_deleting, images_deleted, replicas_created
from backend.images.figures import storage_figures
from backend.images.models import BlurredRegion, Image
from backend.images.pixels import Picture, picture_read
from backend.privacy.models import ProjectPrivacy
from backend.privacy.selectors import privacy_of
from backend.projects.audit import audit
from backend.projects.events import project_deleting
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.tallies.families import STORAGE
from backend.tallies.services import changes_note
from backend.users.models import User

logger = logging.getLogger("anymask.images")


def image_create(
    *, project: Project, user: User | None, file: IO[bytes], file_name: str, licence_note: str = ""
) -> tuple[Image, bool]:
    """Stores the photograph and asks for its embedding. (image, True), or (the one already here, False).

    Where the project wants faces or plates blurred, what is stored is made of the blurred pixels, and the file itself is
    kept apart or not at all. All or nothing: files are written first and removed again when the row cannot be made.
    Raises what `picture_read` and `deidentified` raise, StorageFull, and Conflict `privacy.changed`.
    """
    digest, byte_size = _sha256(file)
    present = _present(project, {digest})
    if present is not None:
        return present, False
    privacy = privacy_of(project=project)
    blurred = deidentified(file, kinds=privacy.kinds) if privacy.kinds else None
    shown = io.BytesIO(blurred.content) if blurred else file
    shown_digest, shown_size = _sha256(shown)
    picture = picture_read(shown)
    image = Image(
        project=project,
        file_name=file_name,
        sha256=shown_digest,
        width=picture.width,
        height=picture.height,
        byte_size=shown_size,
        media_type=picture.media_type,
        licence_note=licence_note,
        uploaded_by=user,
    )
    _keys_set(image, picture, shown_size)
    if blurred:
        _source_set(image, blurred, digest, byte_size, is_kept=privacy.keeps_originals)
    try:
        _files_write(image, picture, shown)
        if image.source_key:
            _file_write(image.source_key, file)
        with transaction.atomic():
            _privacy_compare(privacy)
            image.save(force_insert=True)
            if blurred:
                _regions_store(image, blurred)
            changes_note(STORAGE, come=[storage_figures(image)])
            image_created.send(sender=Image, image=image)
    except IntegrityError:
        files_delete(image.file_keys)
        # Somebody else stored the same picture in the meantime.
        rival = _present(project, {digest, shown_digest})
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
    """Removes the image with its replicas, masks and files.

    Raises Conflict `image.replica` for a replica: it goes with what it was made for, and its files are the original's.
    """
    if image.is_replica:
        raise Conflict(
            "This is one person's copy of an image: close its round, or delete the original.", "image.replica"
        )
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


@transaction.atomic
def replicas_create(*, pairs: Sequence[tuple[Image, User]]) -> list[Image]:
    """A replica of each image for the person beside it, in this order; nobody has one of it yet.

    They look as if they had come with the project's newest images: a list in the order of the keys, in which dates go
    backwards, would tell that something is special about them.
    """
    newest = dict(
        Image.objects.filter(project__in={image.project_id for image, _ in pairs}, original=None)
        .order_by()
        .values_list("project")
        .annotate(at=Max("created_at"))
    )
    replicas = Image.objects.bulk_create([_replica(image, annotator) for image, annotator in pairs])
    by_time: dict[Any, list[int]] = {}
    for replica in replicas:
        by_time.setdefault(newest[replica.project_id], []).append(replica.pk)
    for at, keys in by_time.items():
        Image.objects.filter(pk__in=keys).update(created_at=at)
    replicas_created.send(sender=Image, images=replicas)
    return replicas


def original_fetched(*, image: Image, actor: User) -> None:
    """Remembers that somebody was given the file as it came."""
    audit(
        project=image.project,
        actor=actor,
        action="image.original_fetched",
        subject=image.file_name,
        image_id=image.pk,
    )


def replicas_delete(*, replicas: QuerySet[Image]) -> int:
    """Removes replicas with their masks, which stand in no sum; how many. Files and embedding are the originals'."""
    keys = list(replicas.filter(original__isnull=False).values_list("pk", flat=True))
    Image.objects.filter(pk__in=keys).delete()
    return len(keys)


def _replica(image: Image, annotator: User) -> Image:
    shared = {
        field.attname: getattr(image, field.attname)
        for field in Image._meta.concrete_fields
        if field.attname not in ("id", "original_id", "annotator_id", "is_withheld", "created_at")
    }
    return Image(**shared, original=image, annotator=annotator)


def on_project_deleting(*, project: Project, **_: object) -> None:
    """Removes the project's images before the project goes, so that their files go too."""
    images = list(project.images.all())
    project.images.all().delete()
    files_delete_on_commit(list({key for image in images for key in image.file_keys}))
    images_deleted.send(sender=Image, sha256s={image.sha256 for image in images})


def subscribe() -> None:
    """Called once, when the app is loaded."""
    project_deleting.connect(on_project_deleting, dispatch_uid="images.project_deleting")


def _present(project: Project, digests: set[str]) -> Image | None:
    """The project's image of a file with one of these SHA-256, as it came or as it is stored."""
    same = Q(sha256__in=digests) | Q(source_sha256__in=digests)
    return Image.objects.filter(same, project=project, original=None).first()


def _privacy_compare(made_under: ProjectPrivacy) -> None:
    """Refuses an image that was made under another setting than the project has now, which stays until the commit."""
    project = project_locked(project_id=made_under.project_id)
    now = privacy_of(project=project)
    if (now.kinds, now.originals) != (made_under.kinds, made_under.originals):
        raise Conflict(
            "What is blurred in this project was changed while this picture was being stored: send it again.",
            "privacy.changed",
        )


def _source_set(image: Image, blurred: Deidentified, digest: str, byte_size: int, *, is_kept: bool) -> None:
    image.blurred_kinds = list(blurred.kinds)
    image.blurred_count = len(blurred.regions)
    image.blurred_by = blurred.detector
    image.source_sha256 = digest
    image.source_bytes = byte_size
    image.source_media_type = blurred.source_media_type
    if is_kept:
        # Not below `images`: who may read that folder of a bucket must not read this one by it.
        image.source_key = f"sources/{uuid.uuid4().hex}/source"


def _regions_store(image: Image, blurred: Deidentified) -> None:
    BlurredRegion.objects.bulk_create(
        BlurredRegion(image=image, kind=region.kind, x0=x0, y0=y0, x1=x1, y1=y1, score=region.score)
        for region in blurred.regions
        for x0, y0, x1, y1 in [region.box]
    )


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
    _file_write(image.original_key, file)
    file_write(image.thumbnail_key, picture.thumbnail)
    if picture.display is not None:
        file_write(image.display_key, picture.display)
    if picture.preview is not None:
        file_write(image.preview_key, picture.preview)


def _file_write(key: str, file: IO[bytes]) -> None:
    file.seek(0)
    file_write(key, file)
