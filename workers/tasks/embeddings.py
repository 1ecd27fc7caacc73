from django.conf import settings

from backend.common import jobs
from backend.config.celery import app
from backend.embeddings.selectors import embeddings_waiting
from backend.embeddings.services import embedding_claim_batch, embedding_release, embedding_sweep
from workers.encoding import batch_encode
from workers.lease import LeaseKeeper


@app.task(name=jobs.EMBED_QUEUED)
def embed_queued() -> int:
    """Computes one batch of queued embeddings and rings again while rows wait; how many rows it took."""
    lease_seconds = settings.EMBEDDING_LEASE_SECONDS
    claim, rows = embedding_claim_batch(limit=settings.EMBEDDING_BATCH_SIZE, lease_seconds=lease_seconds)
    if not rows:
        return 0
    try:
        with LeaseKeeper(claim, lease_seconds, settings.EMBEDDING_CLAIM_SECONDS):
            batch_encode(claim=claim, embeddings=rows)
    finally:
        # Whatever the batch did not get to (an error nobody foresaw, a shutdown) waits for the next ring.
        embedding_release(claim=claim)
    if embeddings_waiting().exists():
        jobs.enqueue(jobs.EMBED_QUEUED)
    return len(rows)


@app.task(name=jobs.EMBEDDINGS_SWEEP)
def sweep() -> dict[str, int]:
    """The periodic repair; see `embedding_sweep`."""
    return embedding_sweep()
