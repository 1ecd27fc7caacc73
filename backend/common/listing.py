"""Views that answer with pages of rows they found."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

M = TypeVar("M", bound=Model)


class ListingView(GenericAPIView[M]):
    """Pages by its `pagination_class` what its methods find."""

    def page_of(self, rows: QuerySet[M], serializer: type[BaseSerializer[Any]]) -> Response:
        """The page that the request asks for, each row through `serializer`. DRF's NotFound for a cursor nobody gave."""
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(serializer(page, many=True).data)
