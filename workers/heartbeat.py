"""Tells the table of workers, every few seconds, that this process lives and what it does."""

import logging
import threading
from typing import Any, Final

from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from backend.jobs.workers import worker_gone, worker_name, worker_seen
from workers.lanes import busy_with
from workers.runtime import runtime

logger = logging.getLogger("anymask.heartbeat")


class Heartbeat:
    """A thread that writes the row of this process until it is stopped; the row then goes."""

    def __init__(self, queues: list[str]) -> None:
        self._queues = queues
        self._started_at = timezone.now()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join(10)

    def beat(self) -> None:
        """One sign of life."""
        loaded = runtime().loaded
        worker_seen(
            name=worker_name(),
            queues=self._queues,
            device=settings.DEVICE,
            model="@".join(loaded[-1]) if loaded else "",
            busy_with=busy_with(),
            started_at=self._started_at,
        )

    def _run(self) -> None:
        try:
            while True:
                self._guarded(self.beat)
                if self._done.wait(settings.WORKER_BEAT_SECONDS):
                    break
            self._guarded(lambda: worker_gone(name=worker_name()))
        finally:
            connection.close()

    def _guarded(self, step: Any) -> None:
        try:
            step()
        except Error as error:
            logger.warning("heartbeat_failed error=%s", error)
            connection.close()


_running: Final[list[Heartbeat]] = []


@worker_ready.connect
def on_ready(sender: Any, **_: object) -> None:
    heartbeat = Heartbeat(sorted(sender.app.amqp.queues.consume_from))
    _running.append(heartbeat)
    heartbeat.start()


@worker_shutdown.connect
def on_shutdown(**_: object) -> None:
    while _running:
        _running.pop().stop()
