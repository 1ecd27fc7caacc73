from django.conf import settings

from backend.common import jobs
from backend.config.celery import app
from backend.embeddings.selectors import embeddings_waiting
from backend.embeddings.services import embedding_claim_batch, embedding_release, embedding_sweep
from workers.encoding import batch_encode, claim_size
from workers.lanes import lane, lane_says
from workers.lease import LeaseKeeper

LANE = "embeddings"


@app.task(name=jobs.EMBED_QUEUED)
def embed_queued() -> int:
    """Computes one batch of queued embeddings and rings again while rows wait; how many rows it took."""
    lease_seconds = settings.EMBEDDING_LEASE_SECONDS
    with lane(LANE) as is_free:
        if not is_free:
            return 0
        claim, rows = embedding_claim_batch(limit=claim_size(), lease_seconds=lease_seconds)
        if not rows:
            return 0
        lane_says(LANE, LANE)
        try:
            with LeaseKeeper(claim, lease_seconds, settings.EMBEDDING_CLAIM_SECONDS):
                batch_encode(claim=claim, embeddings=rows)
        finally:
            # Whatever the batch did not get to (an error nobody foresaw, a shutdown) waits for the next ring.
            embedding_release(claim=claim)
    # After the lane is free: a message that came before found it taken.
    if embeddings_waiting().exists():
        jobs.enqueue(jobs.EMBED_QUEUED)
    return len(rows)


@app.task(name=jobs.EMBEDDINGS_SWEEP)
def sweep() -> dict[str, int]:
    """The periodic repair; see `embedding_sweep`."""
    return embedding_sweep()
