"""Keeps a claim alive while its rows are computed, from a thread of its own."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Final

from django.db import Error, connection

from backend.embeddings.services import embedding_renew
from backend.jobs.claims import job_pulse
from backend.jobs.context import JobContext

logger = logging.getLogger("anymask.lease")

# Progress and log of a job are written, and its cancelling is noticed, this often.
PULSE_SECONDS: Final = 1.0


class _Keeper(ABC):
    """`with` it: calls `turn` every `seconds` until the block ends. A database that does not answer for a moment is asked
    again at the next turn."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    @abstractmethod
    def turn(self) -> bool:
        """Whether there is to be another one."""

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._done.wait(self._seconds):
                try:
                    if not self.turn():
                        return
                except Error:
                    logger.exception("lease_renew_failed")
                    connection.close()
        finally:
            connection.close()


class LeaseKeeper(_Keeper):
    """`with LeaseKeeper(claim, seconds, limit):` renews the lease of embeddings three times per period.

    Where the database stays away the lease simply runs out. So it does after `limit_seconds`: a computation that hangs
    must not keep its rows from other workers for ever, and nothing can stop it, since Celery's time limits do not reach
    into a pool of threads.
    """

    def __init__(self, claim: str, lease_seconds: float, limit_seconds: float) -> None:
        super().__init__(lease_seconds / 3)
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._limit_seconds = limit_seconds
        self._deadline = time.monotonic() + limit_seconds

    def turn(self) -> bool:
        if time.monotonic() >= self._deadline:
            logger.error("lease_given_up claim=%s after=%.0f", self._claim, self._limit_seconds)
            return False
        embedding_renew(claim=self._claim, lease_seconds=self._lease_seconds)
        return True


class JobKeeper(_Keeper):
    """`with JobKeeper(context, seconds, silence):` carries a job's progress and log to its row once a second, and renews
    its lease three times per period, as long as its handler gives a sign of life within `silence_seconds`."""

    def __init__(self, context: JobContext, lease_seconds: float, silence_seconds: float) -> None:
        super().__init__(min(PULSE_SECONDS, lease_seconds / 3))
        self._context = context
        self._lease_seconds = lease_seconds
        self._silence_seconds = silence_seconds
        self._renew_at = 0.0

    def turn(self) -> bool:
        context, now = self._context, time.monotonic()
        is_silent = now - context.touched > self._silence_seconds
        is_due = now >= self._renew_at and not is_silent
        job_pulse(context, lease_seconds=self._lease_seconds if is_due else None)
        if is_due and not context.is_lost:
            context.holds_until = now + self._lease_seconds
            self._renew_at = now + self._lease_seconds / 3
        if is_silent and now >= context.holds_until:
            logger.error("job_silent id=%s kind=%s", context.job.uuid, context.job.kind)
            return False
        return not context.is_lost
