"""Watches from outside how long things stay with a holder who gives no sign of life, by a clock that nobody sets."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2

from tests.workers.processes import System
from tests.workers.tables import connected

HELD = (
    "SELECT 'embedding', id, claimed_by, lease_expires_at FROM embeddings_embedding WHERE state = 'running'"
    " UNION ALL SELECT 'job', id, claimed_by, lease_expires_at FROM jobs_job WHERE state = 'running'"
    " UNION ALL SELECT 'delivery', id, claimed_by, lease_expires_at FROM webhooks_delivery"
    " WHERE lease_expires_at IS NOT NULL"
)

BEATS = "SELECT name, seen_at FROM jobs_worker"
# A worker gives a sign of life every second. One that gives none for longer does not run: on a machine with too much to
# do it may be so for many seconds, of which nothing is learned.
SILENT_SECONDS = 3.0


class LeaseWatch(threading.Thread):
    """`longest` is the most seconds that anything stayed held without a renewal, of time in which everything ran that
    could have given it back."""

    def __init__(self, system: System) -> None:
        super().__init__(daemon=True, name="lease-watch")
        self.system = system
        self.longest = 0.0
        self.what = ""
        self._seen: dict[tuple[object, ...], float] = {}
        self._lock = threading.Lock()
        self._down = 0
        self._beats: set[tuple[object, ...]] = set()
        self._beaten = self._looked = time.monotonic()
        # Seconds in which no worker gave a sign of life.
        self.silent = 0.0
        self._end = threading.Event()

    @contextmanager
    def excused(self) -> Iterator[None]:
        """While something that would have to give things back is away; its time begins anew afterwards."""
        with self._lock:
            self._down += 1
        try:
            yield
        finally:
            with self._lock:
                self._down -= 1
                now = time.monotonic()
                self._seen = dict.fromkeys(self._seen, now)

    def end(self) -> None:
        self._end.set()
        if self.is_alive():
            self.join(30)

    def run(self) -> None:
        connection = None
        while not self._end.wait(0.25):
            try:
                connection = connection or connected(self.system)
                cursor = connection.cursor()
                cursor.execute(HELD)
                rows = {tuple(map(str, row)) for row in cursor.fetchall()}
                cursor.execute(BEATS)
                beats = {tuple(map(str, row)) for row in cursor.fetchall()}
            except (psycopg2.Error, sqlite3.Error):
                with suppress(Exception):
                    if connection is not None:
                        connection.close()
                connection = None
                continue
            self._note(rows, beats)
        if connection is not None:
            connection.close()

    def _note(self, rows: set[tuple[object, ...]], beats: set[tuple[object, ...]]) -> None:
        now = time.monotonic()
        with self._lock:
            passed, self._looked = now - self._looked, now
            if beats - self._beats:
                self._beats, self._beaten = beats, now
            self._seen = {row: self._seen.get(row, now) for row in rows}
            if now - self._beaten > SILENT_SECONDS:
                self.silent += passed
                self._seen = {row: min(now, since + passed) for row, since in self._seen.items()}
            if self._down or not self._seen:
                return
            row, since = min(self._seen.items(), key=lambda item: item[1])
            if now - since > self.longest:
                self.longest, self.what = now - since, f"{row[0]} {row[1]}"
