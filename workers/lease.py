"""Keeps a claim's lease alive while the computing goes on."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from backend.embeddings.services import embedding_renew

logger = logging.getLogger("anymask.lease")


@contextmanager
def lease_kept(*, claim: str, lease_seconds: float) -> Iterator[None]:
    """Renews the lease three times per term from a thread of its own, until the block is left.

    The thread dies with the process, and that is the point: nobody renews for a worker that was killed.
    """
    is_over = threading.Event()
    thread = threading.Thread(
        target=_renew_until, args=(is_over, claim, lease_seconds), name="lease", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _renew_until(is_over: threading.Event, claim: str, lease_seconds: float) -> None:
    try:
        while not is_over.wait(lease_seconds / 3):
            try:
                embedding_renew(claim=claim, lease_seconds=lease_seconds)
            except DatabaseError:
                # Two more tries follow before the lease ends.
                logger.exception("lease_renew_failed claim=%s", claim)
                connection.close()
    finally:
        connection.close()
