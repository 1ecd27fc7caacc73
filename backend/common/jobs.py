"""Names of the background jobs and the doorbell that announces them.

A message says only "look at the table". It may be lost, doubled or late: the sweep rings again.
"""

import logging
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError, OperationalError

from backend.config.celery import app

EMBED_QUEUED: Final = "embeddings.embed_queued"
EMBEDDINGS_SWEEP: Final = "embeddings.sweep"

logger = logging.getLogger("anymask.jobs")


def broker_folders_create() -> None:
    """Makes the folders of the filesystem broker; harmless when they exist or another broker is used."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        for name in ("data_folder_in", "data_folder_out", "control_folder"):
            Path(options[name]).mkdir(parents=True, exist_ok=True)


def enqueue(name: str, *, expires: float | None = None) -> bool:
    """Rings for job `name` now. False, with a line in the log, when the broker does not take the message."""
    try:
        broker_folders_create()
        app.signature(name, options={"expires": expires, "retry": False}).apply_async()
    except (OperationalError, KombuError, OSError) as error:
        logger.warning("doorbell_failed job=%s error=%s", name, error)
        return False
    return True


def enqueue_on_commit(name: str) -> None:
    """Rings for job `name` once the rows it should find are visible to others."""
    transaction.on_commit(lambda: enqueue(name))
