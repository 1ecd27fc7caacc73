from backend.common.storage import file_size
from backend.embeddings.models import Embedding
from backend.embeddings.settling import embeddings_compute_again
from backend.operations.findings import Check, Finding, examples, failed, ok


def look() -> Finding:
    finished = Embedding.objects.filter(state=Embedding.State.READY)
    lost = _lost()
    if lost:
        return failed(
            f"{len(lost)} of {finished.count()} embeddings have no file, or one of another size: "
            f"{examples(list(lost.values()))}",
            count=len(lost),
            advice="--repair has them computed again",
        )
    return ok(f"{finished.count()} embeddings have their files")


def mend() -> str:
    return f"{embeddings_compute_again(ids=list(_lost()))} embeddings queued again"


def _lost() -> dict[int, str]:
    """By key of the row, the key of the file that is missing or of another size."""
    finished = Embedding.objects.filter(state=Embedding.State.READY).order_by("pk")
    rows = finished.values_list("pk", "file_key", "byte_size").iterator()
    lost = {pk: key for pk, key, size in rows if not key or file_size(key) != size}
    # Rows that went, or were computed anew, since they were read are not lost.
    there = Embedding.objects.filter(pk__in=lost, state=Embedding.State.READY)
    return {pk: lost[pk] for pk, key in there.values_list("pk", "file_key") if lost[pk] == key}


CHECK = Check("embeddings", look, mend)
