"""What a handler sees of its job. It keeps to memory: a thread of its own (`workers.lease`) carries progress and log to
the database once a second, and brings back whether the job was cancelled or its lease lost.

A handler that wrote them itself could not read rows as it goes: on SQLite a connection that is in the middle of reading
may not write once somebody else has written.
"""

import hashlib
import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.common.storage import file_write, storage_full_guard
from backend.jobs.models import Job, JobLogLine
from backend.jobs.states import JobState

Level = JobLogLine.Level
# Between two turns of the thread that writes them; what comes beyond is counted, not kept.
LINES_WAITING: Final = 200


class JobStopped(Exception):
    """The handler is to end now: whatever it has not stored is not stored."""


class JobCancelled(JobStopped):
    """Somebody cancelled it."""


class JobLeaseLost(JobStopped):
    """Somebody else may do the job now; nothing of this attempt may be stored."""


class JobInterrupted(JobStopped):
    """This process ends; another one does the job from its beginning."""


@dataclass(frozen=True)
class JobFile:
    """A file in the storage that becomes the job's when it succeeds."""

    key: str
    name: str
    media_type: str
    byte_size: int
    sha256: str


@dataclass
class JobContext:
    """One attempt at a job. Safe to use from the handler's thread and the one that carries."""

    job: Job
    claim: str
    # Set when this process is told to end.
    shutdown: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    total: int | None = None
    file: JobFile | None = None
    is_cancelled: bool = False
    is_lost: bool = False
    # time.monotonic() until which nobody else can have the job; the thread moves it.
    holds_until: float = float("inf")
    touched: float = field(default_factory=time.monotonic)
    _lines: deque[tuple[datetime, str, str]] = field(default_factory=lambda: deque(maxlen=LINES_WAITING))

    def progress(self, done: int, total: int | None = None) -> None:
        """So much is done, of so much if that is known, in the kind's unit. Raises JobStopped like `check`."""
        self.done = done
        if total is not None:
            self.total = total
        self.check()

    def log(self, text: str, level: Level = Level.INFO) -> None:
        """A line for people who look at the job."""
        self._lines.append((timezone.now(), level, text))

    def check(self) -> None:
        """To be called often: raises JobCancelled, JobLeaseLost or JobInterrupted when the work is to end."""
        self.touched = time.monotonic()
        if self.is_lost or self.touched >= self.holds_until:
            raise JobLeaseLost
        if self.is_cancelled:
            raise JobCancelled
        if self.shutdown.is_set():
            raise JobInterrupted

    @contextmanager
    def holding(self) -> Iterator[None]:
        """A transaction in which the job is certainly still this attempt's: in it a handler stores what it made.
        Raises JobLeaseLost, JobCancelled."""
        with transaction.atomic():
            held = Job.objects.select_for_update(of=("self",), no_key=True).filter(
                pk=self.job.pk, claimed_by=self.claim, state=JobState.RUNNING
            )
            row = held.values_list("cancel_requested_at").first()
            if row is None:
                raise JobLeaseLost
            if row[0] is not None:
                raise JobCancelled
            yield

    def file_store(self, *, name: str, media_type: str, pieces: Iterable[bytes]) -> JobFile:
        """Writes the pieces to a file that is the job's once it succeeds, in the memory of one piece; see `file_make`."""

        def write(file: IO[bytes]) -> None:
            for piece in pieces:
                self.check()
                file.write(piece)

        return self.file_make(name=name, media_type=media_type, write=write)

    def file_make(self, *, name: str, media_type: str, write: Callable[[IO[bytes]], None]) -> JobFile:
        """Lets `write` fill a file that is the job's once it succeeds. The file appears in the storage whole or not at
        all, under a key of this attempt's own. Raises StorageFull, JobStopped."""
        # Without a name on disk: nothing is left of it, however the process ends.
        with storage_full_guard(), tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
            write(file)
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256")
            file.seek(0)
            self.check()
            key = f"jobs/{self.job.uuid}/{self.claim}"
            file_write(key, file)
        self.file = JobFile(key, name, media_type, size, digest.hexdigest())
        return self.file

    def lines_take(self) -> list[tuple[datetime, str, str]]:
        """The lines not yet written, which are then the caller's to write."""
        taken = []
        while self._lines:
            taken.append(self._lines.popleft())
        return taken
