"""Names of the background jobs and the doorbell that announces them.

A message says only "look at the table". It may be lost, doubled or late: the sweep rings again.
"""

import logging
from typing import Final

from django.db import transaction
from kombu.exceptions import KombuError, OperationalError

from backend.config.celery import app

EMBED_QUEUED: Final = "embeddings.embed_queued"
EMBEDDINGS_SWEEP: Final = "embeddings.sweep"

logger = logging.getLogger("anymask.jobs")


def enqueue(name: str, *, expires: float | None = None) -> bool:
    """Rings for job `name` now. False, with a line in the log, when the broker does not take the message."""
    try:
        app.signature(name, options={"expires": expires, "retry": False}).apply_async()
    except (OperationalError, KombuError, OSError) as error:
        logger.warning("doorbell_failed job=%s error=%s", name, error)
        return False
    return True


def enqueue_on_commit(name: str) -> None:
    """Rings for job `name` once the rows it should find are visible to others."""
    transaction.on_commit(lambda: enqueue(name))
