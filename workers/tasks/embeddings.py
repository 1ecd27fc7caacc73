import time
from typing import Final

from django.conf import settings

from backend.common import jobs
from backend.config.celery import app
from backend.embeddings.selectors import embeddings_waiting
from backend.embeddings.services import embedding_claim_batch, embedding_release, embedding_sweep
from workers.encoding import batch_encode, claim_size
from workers.lanes import lane, lane_says
from workers.lease import LeaseKeeper
from workers.tasks.jobs import shutdown

LANE = "embeddings"
# After so long a message is answered and another one sent: brokers hand out again what is not acknowledged for long.
MESSAGE_SECONDS: Final = 60.0


@app.task(name=jobs.EMBED_QUEUED)
def embed_queued() -> int:
    """Computes queued embeddings, batch after batch while rows wait; how many rows it took.

    The next batch needs no message: of several workers any may get it, and one that is at work drops it, so that in the
    end a single one would be at work.
    """
    taken, until = 0, time.monotonic() + MESSAGE_SECONDS
    with lane(LANE) as is_free:
        if not is_free:
            return 0
        while rows := embed_batch():
            taken += rows
            if shutdown.is_set() or time.monotonic() >= until:
                break
    # After the lane is free: a message that came before found it taken.
    if taken and embeddings_waiting().exists():
        jobs.enqueue(jobs.EMBED_QUEUED)
    return taken


def embed_batch() -> int:
    """Computes one batch, having rung for another worker where it leaves rows; how many rows it took."""
    lease_seconds = settings.EMBEDDING_LEASE_SECONDS
    claim, rows = embedding_claim_batch(limit=claim_size(), lease_seconds=lease_seconds)
    if not rows:
        return 0
    lane_says(LANE, LANE)
    if embeddings_waiting().exists():
        jobs.enqueue(jobs.EMBED_QUEUED)
    try:
        with LeaseKeeper(claim, lease_seconds, settings.EMBEDDING_CLAIM_SECONDS):
            batch_encode(claim=claim, embeddings=rows)
    finally:
        # Whatever the batch did not get to (an error nobody foresaw, a shutdown) waits for the next ring.
        embedding_release(claim=claim)
    return len(rows)


@app.task(name=jobs.EMBEDDINGS_SWEEP)
def sweep() -> dict[str, int]:
    """The periodic repair; see `embedding_sweep`."""
    return embedding_sweep()
