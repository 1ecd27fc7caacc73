"""Embeddings no longer waited for, and waited for again: those of a whole project, and those whose files are lost."""

from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from backend.common import jobs
from backend.embeddings.events import embeddings_changed
from backend.embeddings.figures import storage_figures
from backend.embeddings.models import Embedding
from backend.images.models import Image
from backend.projects.models import Project
from backend.tallies.families import STORAGE
from backend.tallies.services import changes_note

State = Embedding.State

ROWS_AT_ONCE: Final = 500  # in one statement
# The error code of what somebody cancelled: it is failed, until it is asked for again.
CANCELLED: Final = "embedding.cancelled"


def project_embeddings_cancel(*, project: Project, by: str) -> int:
    """Takes out of the queue what waits for this project alone; how many rows these were. What runs is finished, what
    another project needs stays, what is uploaded later is queued as ever. `by` is the name of who did it."""
    ids = _ids_of(project, State.QUEUED)
    others = Image.objects.exclude(project=project)
    # Shown with it, or to be shown with it once it is finished.
    tied = others.filter(embedding=OuterRef("pk"))
    awaiting = others.filter(sha256=OuterRef("image_sha256"), project__model=OuterRef("model_version"))
    alone = Embedding.objects.exclude(Exists(tied)).exclude(Exists(awaiting))
    return _settle(ids, alone, State.QUEUED, State.FAILED, CANCELLED, f"{by} cancelled it.")


def project_embeddings_retry(*, project: Project) -> int:
    """Queues what failed or was cancelled of this project again with all its attempts; how many rows these were."""
    count = _settle(_ids_of(project, State.FAILED), Embedding.objects.all(), State.FAILED, State.QUEUED)
    if count:
        jobs.enqueue_on_commit(jobs.EMBED_QUEUED)
    return count


def embeddings_compute_again(*, ids: list[int]) -> int:
    """Queues finished rows whose files are lost as if nothing had ever been computed; how many these were."""
    return sum(map(_compute_again, ids))


@transaction.atomic
def _compute_again(pk: int) -> bool:
    finished = Embedding.objects.filter(pk=pk, state=State.READY)
    if not finished.select_for_update(of=("self",), no_key=True).exists():
        return False
    images = Image.objects.filter(embedding=pk)
    changes_note(STORAGE, gone=storage_figures(images))
    nothing = {"attempts": 0, "file_key": "", "byte_size": 0, "etag": "", "seconds": None, "ready_at": None}
    finished.update(**released(State.QUEUED, "", ""), **nothing)
    embeddings_changed.send(sender=Embedding, images=images)
    jobs.enqueue_on_commit(jobs.EMBED_QUEUED)
    return True


def _ids_of(project: Project, state: Embedding.State) -> list[int]:
    """Keys of the rows of the project's images in this state: those they are tied to, and those that are to take the
    place of another model's."""
    rows = Embedding.objects.filter(window="", state=state)
    pictures = project.images.values("sha256")
    coming = rows.filter(model_version=project.model, image_sha256__in=pictures)
    tied = rows.filter(images__project=project)
    return sorted({*tied.values_list("pk", flat=True), *coming.values_list("pk", flat=True)})


def cancelled_again(rows: QuerySet[Embedding]) -> int:
    """Queues those of `rows` that somebody cancelled, since somebody asks for them. How many these were."""
    cancelled = rows.filter(state=State.FAILED, error_code=CANCELLED)
    ids = list(cancelled.values_list("pk", flat=True))
    return _settle(ids, Embedding.objects.all(), State.FAILED, State.QUEUED) if ids else 0


def _settle(
    ids: list[int],
    wanted: QuerySet[Embedding],
    before: Embedding.State,
    after: Embedding.State,
    code: str = "",
    message: str = "",
) -> int:
    """Takes those of the rows that are in state `before` and among `wanted` to `after`, a few hundred at a time; how
    many these were. They are held before it is looked whether they are wanted: who comes to need one holds it too."""
    count = 0
    for start in range(0, len(ids), ROWS_AT_ONCE):
        with transaction.atomic():
            rows = Embedding.objects.filter(pk__in=ids[start : start + ROWS_AT_ONCE], state=before)
            held = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
            chosen = list(held.values_list("pk", flat=True))
            moved = list(wanted.filter(pk__in=chosen).values_list("pk", flat=True))
            count += Embedding.objects.filter(pk__in=moved).update(
                **released(after, code, message), attempts=0
            )
            embeddings_changed.send(sender=Embedding, images=Image.objects.filter(embedding__in=moved))
    return count


def released(state: Embedding.State, code: str, message: str) -> dict[str, Any]:
    """The fields of a row that nobody computes now."""
    return {
        "state": state,
        "error_code": code,
        "error_message": message[:500],
        "lease_expires_at": None,
        "claimed_by": "",
        "queued_at": timezone.now(),
    }
