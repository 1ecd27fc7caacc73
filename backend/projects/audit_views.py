import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.filters import KeyFilter
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.projects.audit import audit_list
from backend.projects.models import AuditEntry
from backend.projects.selectors import project_get
from backend.users.requests import request_user
from backend.users.serializers import PersonSerializer


class AuditFilter(django_filters.FilterSet):
    actor = KeyFilter(field_name="actor", label="Id of the person who did it.")
    action = django_filters.CharFilter(
        field_name="action", lookup_expr="startswith", max_length=64, label="What the action begins with."
    )
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", label="From then on.")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt", label="Before then.")

    class Meta:
        model = AuditEntry
        fields = ["actor", "action", "since", "until"]


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    actor = PersonSerializer(read_only=True, allow_null=True)
    data = serializers.DictField(read_only=True, help_text="What there is to say of it, by the action.")  # type: ignore[assignment]  # named like a serializer's own

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "actor", "action", "subject", "data"]
        read_only_fields = fields


class AuditView(ListingView[AuditEntry]):
    pagination_class = NewestCursorPagination
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    queryset = AuditEntry.objects.none()

    def get_queryset(self) -> QuerySet[AuditEntry]:
        if getattr(self, "swagger_fake_view", False):
            return AuditEntry.objects.none()
        project = project_get(user=request_user(self.request), project_id=self.kwargs["project_id"])
        return audit_list(project=project)

    @extend_schema(responses=AuditEntrySerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """What people did to the project, the newest first."""
        return self.page_of(self.filter_queryset(self.get_queryset()), AuditEntrySerializer)
