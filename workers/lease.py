"""Keeps a claim alive while its rows are computed, from a thread of its own."""

import logging
import threading
import time
from types import TracebackType

from django.db import DatabaseError, connection

from backend.embeddings.services import embedding_renew

logger = logging.getLogger("anymask.lease")


class LeaseKeeper:
    """`with LeaseKeeper(claim, seconds, limit):` renews the lease three times per period until the block ends.

    A database that does not answer for a moment is asked again at the next turn; the lease then simply runs out. So it
    does after `limit_seconds`: a computation that hangs must not keep its rows from other workers for ever, and nothing
    can stop it, since Celery's time limits do not reach into a pool of threads.
    """

    def __init__(self, claim: str, lease_seconds: float, limit_seconds: float) -> None:
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._limit_seconds = limit_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease-keeper", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _renew(self) -> None:
        deadline = time.monotonic() + self._limit_seconds
        try:
            while not self._done.wait(self._lease_seconds / 3):
                if time.monotonic() >= deadline:
                    logger.error("lease_given_up claim=%s after=%.0f", self._claim, self._limit_seconds)
                    return
                try:
                    embedding_renew(claim=self._claim, lease_seconds=self._lease_seconds)
                except DatabaseError:
                    # Two more tries follow before the lease ends.
                    logger.exception("lease_renew_failed claim=%s", self._claim)
                    connection.close()
        finally:
            connection.close()
