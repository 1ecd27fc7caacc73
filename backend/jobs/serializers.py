from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.jobs.models import Job, JobLogLine
from backend.jobs.registry import job_title
from backend.jobs.selectors import job_eta_seconds
from backend.jobs.states import JobState
from backend.users.serializers import PersonSerializer

ALLOWED = ["cancel", "retry", "file"]


class ProgressSerializer(serializers.Serializer[Job]):
    """`total` is null until it is known."""

    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True, allow_null=True)
    unit = serializers.CharField(read_only=True, help_text="What is counted, in the plural.")


# What a thing with a job of its own is shown with, behind its id.
OF_JOB_FIELDS: Final = ["job", "state", "progress", "eta_seconds", "error_code", "error_message"]


def job_file_url(job: Job) -> str | None:
    """Where the file is that the job made; None where it made none."""
    return f"/api/v1/jobs/{job.uuid}/file/" if job.file_key else None


class OfJobSerializer(serializers.Serializer[Any]):
    """What a thing with a `job` of its own tells of that: a base of its serializer, which names the fields it wants."""

    job = serializers.UUIDField(
        source="job.uuid", read_only=True, help_text="To cancel, retry, and for its log."
    )
    state = serializers.ChoiceField(source="job.state", choices=JobState.choices, read_only=True)
    progress = ProgressSerializer(source="job", read_only=True)
    eta_seconds = serializers.SerializerMethodField(help_text="Null while nobody can tell.")
    error_code = serializers.CharField(source="job.error_code", read_only=True)
    error_message = serializers.CharField(source="job.error_message", read_only=True)
    created_by = PersonSerializer(source="job.created_by", read_only=True, allow_null=True)
    started_at = serializers.DateTimeField(source="job.started_at", read_only=True, allow_null=True)
    finished_at = serializers.DateTimeField(source="job.finished_at", read_only=True, allow_null=True)

    def get_eta_seconds(self, of_job: Any) -> float | None:
        return job_eta_seconds(of_job.job)


class JobSerializer(serializers.ModelSerializer[Job]):
    """Its context holds `allowed`, of `selectors.jobs_allowed`."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    title = serializers.SerializerMethodField(
        help_text='What people call it, as "Export: YOLO segmentation".'
    )
    project_name = serializers.CharField(source="project.name", read_only=True)
    created_by = PersonSerializer(read_only=True, allow_null=True)
    state = serializers.ChoiceField(choices=JobState.choices, read_only=True)
    is_cancelling = serializers.SerializerMethodField(help_text="It runs, and ends within seconds.")
    is_expired = serializers.BooleanField(
        read_only=True, help_text="The file it made was removed for its age."
    )
    progress = ProgressSerializer(source="*", read_only=True)
    eta_seconds = serializers.SerializerMethodField(help_text="Null while nobody can tell.")
    params = serializers.DictField(read_only=True)
    result = serializers.SerializerMethodField(
        help_text="What it found out; where it made a file: file_name, bytes, sha256, download_url, and expires_at, null "
        "for one that is kept."
    )
    allowed = serializers.SerializerMethodField(help_text="What one may do with it now.")

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "title",
            "project",
            "project_name",
            "created_by",
            "params",
            "state",
            "is_cancelling",
            "is_expired",
            "attempts",
            "progress",
            "eta_seconds",
            "created_at",
            "started_at",
            "finished_at",
            "result",
            "error_code",
            "error_message",
            "allowed",
        ]
        read_only_fields = fields

    def get_title(self, job: Job) -> str:
        return job_title(job)

    def get_is_cancelling(self, job: Job) -> bool:
        return job.state == JobState.RUNNING and job.cancel_requested_at is not None

    def get_eta_seconds(self, job: Job) -> float | None:
        return job_eta_seconds(job)

    @extend_schema_field({"type": "object", "additionalProperties": {}, "nullable": True})
    def get_result(self, job: Job) -> Any:
        return job.result

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=ALLOWED)))
    def get_allowed(self, job: Job) -> list[str]:
        found: list[str] = self.context["allowed"].get(job.pk, [])
        return found


class JobLogLineSerializer(serializers.ModelSerializer[JobLogLine]):
    level = serializers.ChoiceField(choices=JobLogLine.Level.choices, read_only=True)

    class Meta:
        model = JobLogLine
        fields = ["number", "at", "level", "text"]
        read_only_fields = fields


class JobDetailSerializer(JobSerializer):
    """With the part of its log that was asked for; `lines` of its context."""

    log = serializers.SerializerMethodField(help_text="Oldest first; the last 1000 lines are kept.")

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "log"]
        read_only_fields = fields

    @extend_schema_field(JobLogLineSerializer(many=True))
    def get_log(self, job: Job) -> Any:
        return JobLogLineSerializer(self.context["lines"], many=True).data


class JobWriteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="job_id", help_text="The client's: the same again makes no second one.")
    kind = serializers.CharField(max_length=64)
    params = serializers.DictField(required=False, default=dict, help_text="By the kind.")


class LogQuerySerializer(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        default=0,
        help_text="Number of the last line one has; without it come the latest 200.",
    )


class WorkerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    queues = serializers.ListField(child=serializers.CharField())
    device = serializers.CharField()
    model = serializers.CharField(help_text="The one in memory; empty for none.")
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()
    is_alive = serializers.BooleanField()
    busy_with = serializers.ListField(
        child=serializers.CharField(), help_text="Kinds of jobs, and `embeddings`."
    )


class EmbeddingHealthSerializer(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    failed = serializers.IntegerField()
    per_minute = serializers.FloatField(help_text="Over the last 10 minutes.")
    eta_seconds = serializers.FloatField(
        allow_null=True, help_text="By the latest seconds per embedding; null where nobody can tell."
    )


class JobHealthSerializer(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    failed_last_day = serializers.IntegerField()


class HealthSerializer(serializers.Serializer[Any]):
    workers = WorkerSerializer(many=True)
    embeddings = EmbeddingHealthSerializer()
    jobs = JobHealthSerializer()
