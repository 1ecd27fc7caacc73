"""Names of the background jobs and the doorbell that announces them.

A message says only "look at the table". It may be lost, doubled or late: the sweep rings again.
"""

import logging
import time
from typing import Final

from django.db import transaction
from kombu.exceptions import KombuError, OperationalError

from backend.config.celery import app

EMBED_QUEUED: Final = "embeddings.embed_queued"
EMBEDDINGS_SWEEP: Final = "embeddings.sweep"
WORK_SWEEP: Final = "work.sweep"
JOBS_RUN_DEFAULT: Final = "jobs.run_default"
JOBS_RUN_GPU: Final = "jobs.run_gpu"
JOBS_SWEEP: Final = "jobs.sweep"
IDEMPOTENCY_SWEEP: Final = "idempotency.sweep"
TALLIES_SWEEP: Final = "tallies.sweep"
STORAGE_SWEEP: Final = "storage.sweep"
WEBHOOKS_DELIVER: Final = "webhooks.deliver"
WEBHOOKS_SWEEP: Final = "webhooks.sweep"

# A client may try a dead broker for seconds before it gives up. Once is enough: an upload of a thousand pictures must
# not wait a thousand times for a message that the sweep replaces.
_PAUSE_SECONDS: Final = 15.0

logger = logging.getLogger("anymask.jobs")


class Doorbell:
    """Sends messages; after a failure it keeps still for a while."""

    def __init__(self) -> None:
        self._still_until = 0.0

    def ring(self, name: str, *, expires: float | None = None) -> bool:
        """Rings for job `name`. False, with one line in the log, when the broker does not take the message."""
        if time.monotonic() < self._still_until:
            return False
        try:
            app.signature(name, options={"expires": expires, "retry": False}).apply_async()
        except (OperationalError, KombuError, OSError) as error:
            self._still_until = time.monotonic() + _PAUSE_SECONDS
            logger.warning("doorbell_failed job=%s error=%s", name, error)
            return False
        return True


doorbell = Doorbell()


def enqueue(name: str, *, expires: float | None = None) -> bool:
    """Rings for job `name` now; whether the broker took the message. Never raises for a broker that is away."""
    return doorbell.ring(name, expires=expires)


def enqueue_on_commit(name: str) -> None:
    """Rings for job `name` once the rows it should find are visible to others."""
    transaction.on_commit(lambda: enqueue(name))
