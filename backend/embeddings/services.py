"""Every change of an embedding's state, for the web and for workers. The rows are the truth; messages only wake people.

A worker claims rows with a lease and a claim id. Whoever lost the lease can change nothing any more: each update asks
for the claim id as well.
"""

import hashlib
import logging
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from backend.common import jobs
from backend.common.leases import leases_shorten
from backend.common.storage import file_write, files_delete, files_delete_on_commit
from backend.embeddings.events import embeddings_changed
from backend.embeddings.figures import storage_figures
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.selectors import (
    crops_outdated,
    embeddings_expired,
    embeddings_waiting,
    images_without_embedding,
    model_shown,
)
from backend.embeddings.settling import CANCELLED, ROWS_AT_ONCE, cancelled_again, released
from backend.embeddings.windows import Window
from backend.images.models import Image
from backend.projects.models import Project
from backend.tallies.families import STORAGE
from backend.tallies.services import changes_note

logger = logging.getLogger("anymask.embeddings")

State = Embedding.State

SOMEBODY_WAITS = 10  # priority of what was asked for from an open page
NOBODY_WAITS = -10  # of what is to take the place of an embedding that does meanwhile
CROPS_REMOVED_AT_ONCE = 200


@transaction.atomic
def embedding_request(*, image: Image, model_version: ModelVersion) -> Embedding:
    """The embedding of this picture by this model, queued when it is new, and tied to `image`: at once where that is not
    shown with a finished one of another model, else when it is ready."""
    has_other = image.embedding is not None and image.embedding.state == State.READY
    embedding, is_new = Embedding.objects.get_or_create(
        image_sha256=image.sha256,
        model_version=model_version,
        window="",
        defaults={
            "state": State.QUEUED,
            "queued_at": timezone.now(),
            "priority": NOBODY_WAITS if has_other else 0,
        },
    )
    if not is_new:
        # Held, so that who cancels it meanwhile sees that this image needs it.
        embedding = Embedding.objects.select_for_update(of=("self",), no_key=True).get(pk=embedding.pk)
        if embedding.error_code == CANCELLED:
            is_new = cancelled_again(Embedding.objects.filter(pk=embedding.pk)) > 0
            embedding.refresh_from_db()
        if embedding.priority < 0 and not has_other:
            Embedding.objects.filter(pk=embedding.pk).update(priority=0)
    if image.embedding_id != embedding.pk and (embedding.state == State.READY or not has_other):
        here = Image.objects.filter(pk=image.pk)
        _held([embedding.pk, image.embedding_id])
        before = storage_figures(here)
        image.embedding = embedding
        image.save(update_fields=["embedding"])
        changes_note(STORAGE, gone=before, come=storage_figures(here))
        embeddings_changed.send(sender=Embedding, images=Image.objects.filter(pk=image.pk))
    if is_new:
        jobs.enqueue_on_commit(jobs.EMBED_QUEUED)
    return embedding


@transaction.atomic
def crop_request(*, image: Image, window: Window) -> tuple[Embedding, bool]:
    """The embedding of a window of the image, before whole images in the queue, and whether it is new.

    One that failed is tried again. Raises InvalidInput as `Window.check`.
    """
    window.check(width=image.width, height=image.height)
    now = timezone.now()
    embedding, is_new = Embedding.objects.get_or_create(
        image_sha256=image.sha256,
        model_version=model_shown(image=image),
        window=str(window),
        defaults={"state": State.QUEUED, "queued_at": now, "priority": SOMEBODY_WAITS},
    )
    # In the finished state the time says when it was last asked for, which is what outdates it.
    Embedding.objects.filter(pk=embedding.pk, state=State.READY).update(queued_at=now)
    again = Embedding.objects.filter(pk=embedding.pk, state=State.FAILED).update(
        **released(State.QUEUED, "", ""), attempts=0
    )
    if is_new or again:
        jobs.enqueue_on_commit(jobs.EMBED_QUEUED)
    embedding.refresh_from_db()
    return embedding, is_new


@transaction.atomic
def embedding_claim_batch(*, limit: int, lease_seconds: float) -> tuple[str, list[Embedding]]:
    """Takes up to `limit` queued rows of one model version, oldest first: (claim id, the rows, now running).

    A row that was tried before comes alone. A picture that kills its worker takes the rows of its batch along; together
    again, they would lose all their attempts with it.

    No two claims ever hold the same row: PostgreSQL passes over rows another transaction has locked; elsewhere the
    update asks for the state again, and the rows it did not win are not returned.
    """
    claim = uuid.uuid4().hex
    waiting = embeddings_waiting()
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    first = waiting.first()
    if first is None:
        return claim, []
    untried = waiting.filter(model_version_id=first.model_version_id, attempts=0)
    ids = [first.pk] if first.attempts else list(untried.values_list("pk", flat=True)[:limit])
    now = timezone.now()
    for row in Embedding.objects.filter(pk__in=ids, state=State.QUEUED).order_by("pk"):
        _move(
            row.pk,
            Embedding.objects.filter(state=State.QUEUED),
            state=State.RUNNING,
            claimed_by=claim,
            lease_expires_at=now + timedelta(seconds=lease_seconds),
            attempts=row.attempts + 1,
            error_code="",
            error_message="",
        )
    claimed = Embedding.objects.filter(claimed_by=claim, state=State.RUNNING)
    return claim, list(claimed.select_related("model_version").order_by("queued_at", "pk"))


def embedding_renew(*, claim: str, lease_seconds: float) -> int:
    """Extends the lease of all rows the claim still holds; how many these are."""
    until = timezone.now() + timedelta(seconds=lease_seconds)
    return Embedding.objects.filter(claimed_by=claim, state=State.RUNNING).update(lease_expires_at=until)


def embedding_store(*, embedding: Embedding, claim: str, content: bytes, seconds: float) -> bool:
    """Keeps the computed bytes (little-endian float16, C order). False when the claim no longer holds the row.

    The file comes first, under a key of the row's own: should the process die before the row is written, the next worker
    writes the same key again. Picture and model alone would not do: files of deleted rows go after the commit, for
    minutes in a large project, and would take the file of a row that was made for the same picture since. Raises
    StorageFull.
    """
    held = Embedding.objects.filter(pk=embedding.pk, claimed_by=claim, state=State.RUNNING)
    if not held.exists():
        # Somebody else computes it now or has stored it; their file must stay as their row describes it.
        logger.info("embedding_late id=%s", embedding.pk)
        return False
    version = embedding.model_version
    sha256 = embedding.image_sha256
    name = ".".join(filter(None, [sha256, str(embedding.pk), embedding.window, "f16"]))
    key = f"embeddings/{version.name}/{version.version}/{sha256[:2]}/{name}"
    file_write(key, content)
    with transaction.atomic():
        is_awaited = not embedding.window and _awaiting_held(embedding)
        changed = _move(
            embedding.pk,
            held,
            state=State.READY,
            file_key=key,
            byte_size=len(content),
            etag=hashlib.sha256(content).hexdigest()[:32],
            seconds=seconds,
            ready_at=timezone.now(),
            lease_expires_at=None,
            claimed_by="",
        )
        if changed and is_awaited:
            _images_take(embedding)
    if not changed and not Embedding.objects.filter(pk=embedding.pk).exists():
        # The image was deleted in this very moment: nobody will ever ask for this file.
        files_delete([key])
    logger.info(
        "embedding_ready id=%s model=%s seconds=%.2f stored=%s", embedding.pk, version, seconds, changed
    )
    return bool(changed)


def embedding_fail(*, embedding: Embedding, claim: str, code: str, message: str, is_permanent: bool) -> bool:
    """Notes why it could not be computed. Queued again while attempts are left, unless retrying cannot help.

    False when the claim no longer holds the row.
    """
    is_final = is_permanent or embedding.attempts >= settings.EMBEDDING_MAX_ATTEMPTS
    changed = _move(
        embedding.pk,
        Embedding.objects.filter(claimed_by=claim, state=State.RUNNING),
        **released(State.FAILED if is_final else State.QUEUED, code, message),
    )
    logger.warning(
        "embedding_failed id=%s code=%s final=%s message=%s", embedding.pk, code, is_final, message
    )
    return bool(changed)


def embedding_release(*, claim: str) -> int:
    """Gives back the rows a claim did not get to, without counting the attempt; how many these are."""
    held = Embedding.objects.filter(claimed_by=claim, state=State.RUNNING)
    count = 0
    for row in held:
        fields = released(State.QUEUED, "", "") | {"attempts": max(0, row.attempts - 1)}
        count += _move(row.pk, held, **fields)
    return count


def embedding_sweep() -> dict[str, int]:
    """Puts right what messages and workers lost; run every few seconds. How many rows were requeued, failed, waiting.

    Expired leases go back to the queue, or fail when their attempts are used up; images without an embedding of their
    project's model get one; windows long unused go; while rows wait, the doorbell is rung.
    """
    requeued = failed = 0
    leases_shorten(Embedding.objects.filter(state=State.RUNNING), settings.EMBEDDING_LEASE_SECONDS)
    for row in embeddings_expired(now=timezone.now()):
        is_final = row.attempts >= settings.EMBEDDING_MAX_ATTEMPTS
        fields = released(
            State.FAILED if is_final else State.QUEUED,
            "embedding.worker_lost",
            f"The worker stopped in the middle of this image, attempt {row.attempts}.",
        )
        # Asks for the claim it saw, so that a lease renewed in this very moment is left alone.
        held = embeddings_expired(now=timezone.now()).filter(claimed_by=row.claimed_by)
        changed = _move(row.pk, held, **fields)
        requeued, failed = requeued + (changed if not is_final else 0), failed + (changed if is_final else 0)
    for image in images_without_embedding().select_related("project__model")[:500]:
        embedding_request(image=image, model_version=image.project.model)
    crops_remove_outdated()
    waiting = embeddings_waiting().count()
    if waiting:
        jobs.enqueue(jobs.EMBED_QUEUED, expires=settings.SWEEP_SECONDS)
    if requeued or failed:
        logger.warning("embedding_sweep requeued=%s failed=%s waiting=%s", requeued, failed, waiting)
    return {"requeued": requeued, "failed": failed, "waiting": waiting}


def embedding_retry(*, image: Image) -> Embedding:
    """Queues a failed embedding again with all its attempts; leaves any other state as it is."""
    embedding = image.embedding or embedding_request(image=image, model_version=image.project.model)
    failed = Embedding.objects.filter(state=State.FAILED)
    changed = _move(embedding.pk, failed, **released(State.QUEUED, "", ""), attempts=0)
    if changed:
        jobs.enqueue_on_commit(jobs.EMBED_QUEUED)
    embedding.refresh_from_db()
    return embedding


def embeddings_remove_unused(*, sha256s: set[str]) -> None:
    """Removes rows and files of pictures no image holds any more."""
    held = Image.objects.filter(sha256__in=sha256s).values("sha256")
    unused = Embedding.objects.filter(image_sha256__in=sha256s).exclude(image_sha256__in=held)
    files_delete_on_commit(list(unused.values_list("file_key", flat=True)))
    unused.delete()


@transaction.atomic
def crops_remove_outdated() -> int:
    """Removes windows nobody asked for in a long time, which can be computed again; how many these were."""
    before = timezone.now() - timedelta(days=settings.CROP_EMBEDDING_DAYS)
    ids = list(crops_outdated(before=before).values_list("pk", flat=True)[:CROPS_REMOVED_AT_ONCE])
    outdated = crops_outdated(before=before).filter(pk__in=ids)
    files_delete_on_commit(list(outdated.values_list("file_key", flat=True)))
    return outdated.delete()[0]


@transaction.atomic
def project_embeddings_request(*, project: Project) -> None:
    """Ties the images of the project to its model's embeddings, queueing the missing ones in the order in which people
    come to the images.

    An image that has a finished embedding of the model of before keeps it until the new one is finished: nobody is
    without masks meanwhile, and these are computed after all that somebody waits for. A few statements for hundreds of
    images: while they run, SQLite lets nobody else write.
    """
    now = timezone.now()
    wanted = Embedding.objects.filter(
        model_version=project.model, window="", image_sha256=OuterRef("sha256")
    ).values("pk")
    turn = Case(
        When(work__status__in=["in_progress", "rejected"], then=0),
        When(work__status="submitted", then=2),
        When(work__status="accepted", then=3),
        default=1,
    )
    missing = list(
        project.images.exclude(Exists(wanted)).order_by(turn, "pk").values_list("sha256", "embedding__state")
    )
    for start in range(0, len(missing), ROWS_AT_ONCE):
        Embedding.objects.bulk_create(
            [
                Embedding(
                    image_sha256=sha256,
                    model_version=project.model,
                    queued_at=now,
                    priority=NOBODY_WAITS if state == State.READY else 0,
                )
                for sha256, state in missing[start : start + ROWS_AT_ONCE]
            ],
            # Another project with the same picture may ask for it in this very moment.
            ignore_conflicts=True,
        )
    unready = Embedding.objects.exclude(state=State.READY)
    _held(unready.filter(images__project=project).values("pk"))
    _held(
        unready.filter(model_version=project.model, image_sha256__in=project.images.values("sha256")).values(
            "pk"
        )
    )
    finished = Embedding.objects.filter(
        model_version=project.model, window="", image_sha256=OuterRef("sha256"), state=State.READY
    )
    before = storage_figures(project.images.all())
    # `exclude` keeps images without any embedding.
    following = project.images.exclude(Q(embedding__state=State.READY) & ~Exists(finished))
    Image.objects.filter(pk__in=following.values("pk")).update(embedding=Subquery(wanted))
    of_model = Q(model_version=project.model, image_sha256__in=project.images.values("sha256"), window="")
    again = cancelled_again(Embedding.objects.filter(Q(images__project=project) | of_model))
    changes_note(STORAGE, gone=before, come=storage_figures(project.images.all()))
    embeddings_changed.send(sender=Embedding, images=project.images.all())
    if missing or again:
        jobs.enqueue_on_commit(jobs.EMBED_QUEUED)


@transaction.atomic
def _move(pk: int, rows: QuerySet[Embedding], **fields: Any) -> int:
    """Takes the row to another state if it is among `rows`, and tells those to whom its images matter; 1 or 0."""
    changed = rows.filter(pk=pk).update(**fields)
    if changed and "byte_size" in fields:
        changes_note(STORAGE, come=storage_figures(Image.objects.filter(embedding=pk)))
    if changed:
        embeddings_changed.send(sender=Embedding, images=Image.objects.filter(embedding=pk))
    return changed


def _awaiting(embedding: Embedding) -> QuerySet[Image]:
    """Images that are to be shown with the embedding once it is finished, and have another model's meanwhile."""
    here = Image.objects.filter(sha256=embedding.image_sha256, project__model=embedding.model_version_id)
    return here.exclude(embedding=embedding.pk)


def _awaiting_held(embedding: Embedding) -> bool:
    """Whether there are some; their projects then keep their model until the transaction ends.

    Before the embedding's row is held, as whoever changes a model does it. One that turns to this model in this very
    moment is served by the sweep.
    """
    pks = list(_awaiting(embedding).order_by().values_list("project", flat=True))
    held = Project.objects.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",), no_key=True)
    return bool(pks) and bool(list(held.values_list("pk", flat=True)))


def _images_take(embedding: Embedding) -> None:
    """Ties the images that await a finished embedding to it."""
    images = Image.objects.filter(pk__in=list(_awaiting(embedding).values_list("pk", flat=True)))
    gone = storage_figures(images)
    images.update(embedding=embedding)
    changes_note(STORAGE, gone=gone, come=storage_figures(images))
    embeddings_changed.send(sender=Embedding, images=images)


def embedding_of_image_leave(*, image: Image) -> None:
    """Takes the embedding of an image that is about to be deleted out of the sums."""
    _held([image.embedding_id])
    changes_note(STORAGE, gone=storage_figures(Image.objects.filter(pk=image.pk)))


def _held(pks: Any) -> None:
    """Holds rows until the transaction ends: they are computed, and so get their size, before or after it, never
    while images are tied to them."""
    rows = Embedding.objects.filter(pk__in=pks).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
