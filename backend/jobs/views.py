import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.file_answers import FILE_PARAMETERS, FileView, file_responses
from backend.common.headers import SANDBOX
from backend.common.http import file_response, is_first_part
from backend.common.paging import NewestCursorPagination
from backend.jobs import selectors, services
from backend.jobs.health import queue_health
from backend.jobs.models import Job
from backend.jobs.registry import file_taken
from backend.jobs.serializers import (
    HealthSerializer,
    JobDetailSerializer,
    JobSerializer,
    JobWriteSerializer,
    LogQuerySerializer,
)
from backend.jobs.states import JobState
from backend.projects.selectors import project_get
from backend.users.models import User
from backend.users.requests import AS_USER, request_user, writing_user

# What the kinds there are make: an export, a COCO export, problems of an import, pictures of a training, the page of an
# evaluation.
_FILES = file_responses("application/zip", "application/json", "text/csv", "image/jpeg", "text/html")


class JobFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=JobState.choices, label="State; several are any of them."
    )
    kind = django_filters.CharFilter(max_length=64, label="Kind of the job.")

    class Meta:
        model = Job
        fields = ["state", "kind"]


def _data(user: User, job: Job) -> dict[str, Any]:
    allowed = selectors.jobs_allowed(user=user, jobs=[job])
    return dict(JobSerializer(job, context={"allowed": allowed}).data)


class _JobList(GenericAPIView[Job]):
    pagination_class = NewestCursorPagination
    serializer_class = JobSerializer
    filterset_class = JobFilter
    queryset = Job.objects.none()

    def jobs_of(self, user: User, jobs: QuerySet[Job]) -> Response:
        page = self.paginate_queryset(self.filter_queryset(jobs)) or []
        allowed = selectors.jobs_allowed(user=user, jobs=page)
        return self.get_paginated_response(JobSerializer(page, many=True, context={"allowed": allowed}).data)


class JobListView(_JobList):
    @extend_schema(operation_id="jobs_list", responses=JobSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Jobs of all projects one is a member of, the newest first."""
        user = request_user(request)
        return self.jobs_of(user, selectors.job_list(user=user))


class ProjectJobListView(_JobList):
    @extend_schema(operation_id="projects_jobs_list", responses=JobSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The project's jobs, the newest first."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        return self.jobs_of(user, selectors.job_list(user=user, project=project))

    @extend_schema(
        parameters=[AS_USER], request=JobWriteSerializer, responses={201: JobSerializer, 200: JobSerializer}
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Starts a job; the same id again answers 200 with the job it made."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = JobWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        job, is_new = services.job_create(project=project, creator=user, **data.validated_data)
        return Response(_data(user, job), status=201 if is_new else 200)


class JobView(Conditional, APIView):
    @extend_schema(parameters=[LogQuerySerializer], responses=JobDetailSerializer)
    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        """One job with its log, or what was logged since."""
        user = request_user(request)
        job = selectors.job_get(user=user, job_id=job_id)
        query = LogQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        context = {
            "allowed": selectors.jobs_allowed(user=user, jobs=[job]),
            "lines": selectors.job_lines(job=job, after=query.validated_data["after"]),
        }
        return Response(JobDetailSerializer(job, context=context).data)


class JobCancelView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        """Stops it: at once where it waits, within seconds where it runs."""
        user = writing_user(request)
        services.job_cancel(job=selectors.job_get(user=user, job_id=job_id))
        return Response(_data(user, selectors.job_get(user=user, job_id=job_id)))


class JobRetryView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        """A failed or cancelled job again, with all its attempts."""
        user = writing_user(request)
        services.job_retry(job=selectors.job_get(user=user, job_id=job_id), actor=user)
        return Response(_data(user, selectors.job_get(user=user, job_id=job_id)))


class JobFileView(FileView):
    @extend_schema(parameters=FILE_PARAMETERS, responses=_FILES | {409: None})
    def get(self, request: Request, job_id: uuid.UUID) -> HttpResponseBase:
        """The file the job made: ETag, Range. 404 `job.file_expired` after its day, 409 `job.no_file` before it is
        there."""
        user = request_user(request)
        job = selectors.job_file_checked(job=selectors.job_get(user=user, job_id=job_id))
        assert job.result is not None
        answer = file_response(
            request._request,
            key=job.file_key,
            etag=job.result["sha256"][:32],
            media_type=job.file_media_type,
            byte_size=job.result["bytes"],
            immutable=False,
        )
        # A download, and no page of ours where a browser shows it all the same.
        answer["Content-Security-Policy"] = SANDBOX
        answer["Content-Disposition"] = f'attachment; filename="{job.result["file_name"]}"'
        if request.method == "GET" and is_first_part(answer):
            file_taken(job, user)
        return answer


class QueueView(APIView):
    @extend_schema(responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        """How the workers and their queues are."""
        return Response(HealthSerializer(queue_health()).data)
