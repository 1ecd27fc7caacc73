from django.conf import settings

from backend.common import jobs
from backend.config.celery import app
from backend.embeddings.selectors import embeddings_waiting
from backend.embeddings.services import embedding_claim_batch, embedding_release, embedding_sweep
from workers.embedder import embed_batch
from workers.lease import lease_kept


@app.task(name=jobs.EMBED_QUEUED)
def embed_queued() -> None:
    """Computes one batch of whatever waits, then rings again while more does.

    A message too many finds an empty table and ends; a worker that dies here leaves leases that expire.
    """
    lease_seconds = settings.EMBEDDING_LEASE_SECONDS
    claim, rows = embedding_claim_batch(limit=settings.EMBEDDING_BATCH_SIZE, lease_seconds=lease_seconds)
    if not rows:
        return
    try:
        with lease_kept(claim=claim, lease_seconds=lease_seconds):
            embed_batch(claim=claim, rows=rows)
    finally:
        # What an unforeseen error or a shutdown left undone waits for the next ring, not for the lease to end.
        embedding_release(claim=claim)
    if embeddings_waiting().exists():
        jobs.enqueue(jobs.EMBED_QUEUED)


@app.task(name=jobs.EMBEDDINGS_SWEEP)
def sweep() -> None:
    """What beat rings for: puts right what workers and messages lost."""
    embedding_sweep()
