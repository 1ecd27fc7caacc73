"""Folders on this machine in which long jobs of one kind work, so that one that is done again goes on where it was."""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from backend.jobs.events import job_finished
from backend.jobs.models import Job
from backend.jobs.states import UNFINISHED, JobState

KEPT_SECONDS: Final = 7 * 24 * 3600  # folders of failed jobs, which may be tried again


@dataclass(frozen=True)
class JobFolders:
    """A folder for each job of `kind`, in the data folder's `name`. It goes when its job succeeds or is cancelled."""

    kind: str
    name: str

    @property
    def place(self) -> Path:
        """Where all of them lie."""
        return Path(settings.DATA_DIR) / self.name

    def of(self, job_id: uuid.UUID) -> Path:
        """That of a job."""
        return self.place / str(job_id)

    def sweep(self) -> int:
        """Removes the folders of jobs that are over and were not tried again for a week; how many these were."""
        # Before the jobs are read: a folder is made after its job.
        there = list(self.place.glob("*"))
        kept = Job.objects.filter(kind=self.kind, state__in=[*UNFINISHED, JobState.FAILED])
        states = {str(uuid): state for uuid, state in kept.values_list("uuid", "state")}
        removed = 0
        for folder in there:
            state = states.get(folder.name)
            is_old = folder.exists() and folder.stat().st_mtime < time.time() - KEPT_SECONDS
            if state is None or (state == JobState.FAILED and is_old):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        return removed

    def subscribe(self) -> None:
        """Called once, by the workers: the folder of a failed job stays, tried again it goes on there."""
        job_finished.connect(
            self._on_job_finished, weak=False, dispatch_uid=f"workers.job_folders.{self.kind}"
        )

    def _on_job_finished(self, *, job: Job, **_: object) -> None:
        if job.kind == self.kind and job.state in (JobState.SUCCEEDED, JobState.CANCELLED):
            transaction.on_commit(lambda: shutil.rmtree(self.of(job.uuid), ignore_errors=True))
