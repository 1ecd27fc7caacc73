import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.jobs.states import JobState
from backend.projects.models import Project


class Job(models.Model):
    """One piece of work for a worker. Only `services` and `claims` change its state, as `states` allows."""

    class Queue(models.TextChoices):
        """Which workers do it: any, or those that have the models' device."""

        DEFAULT = "default"
        GPU = "gpu"

    # What the API calls its id; the client's, so that asking twice makes one job.
    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=64)
    queue = models.CharField(max_length=8, choices=Queue.choices, default=Queue.DEFAULT)
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="jobs")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)

    # How far it is, in `unit`s; `total` is null until it is known.
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    unit = models.CharField(max_length=32)
    progress_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField()
    # Of the present attempt.
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # The claim, not the worker: a worker that lost its lease and a later claim of the same worker must differ.
    claimed_by = models.CharField(max_length=64, blank=True, default="")
    worker = models.CharField(max_length=200, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    result = models.JSONField(null=True)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_message = models.CharField(max_length=500, blank=True, default="")

    # The file it made, if any; the key is empty again once the file was removed for its age.
    file_key = models.CharField(max_length=255, blank=True, default="")
    file_media_type = models.CharField(max_length=100, blank=True, default="")
    file_expires_at = models.DateTimeField(null=True)

    # How many lines were ever logged; only the last ones are kept.
    line_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["project", "-id"], name="job_project"),
            models.Index(fields=["queue", "queued_at", "id"], condition=Q(state="queued"), name="job_queue"),
            models.Index(fields=["lease_expires_at"], condition=Q(state="running"), name="job_leases"),
            models.Index(fields=["finished_at"], condition=Q(state="failed"), name="job_failed"),
            models.Index(fields=["file_expires_at"], condition=~Q(file_key=""), name="job_files"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid} ({self.state})"

    @property
    def is_expired(self) -> bool:
        """Whether it made a file that is there no more."""
        return self.file_expires_at is not None and not self.file_key


class JobLogLine(models.Model):
    class Level(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    # Counts the job's lines from 1.
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.INFO)
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_line_unique")]

    def __str__(self) -> str:
        return self.text


class Worker(models.Model):
    """A sign of life of a worker process. Nothing is decided by it; it is what people are shown."""

    # Host and process, so that one started again is another.
    name = models.CharField(max_length=200, unique=True)
    queues = models.JSONField(default=list)
    device = models.CharField(max_length=64)
    # The model in memory, `name@version`.
    model = models.CharField(max_length=160, blank=True, default="")
    # What it does now: kinds of jobs, and `embeddings`.
    busy_with = models.JSONField(default=list)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
