"""Cutouts as files."""

import uuid
from typing import Any, Final

from django.http import HttpResponse
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from backend.annotations.cutouts import cutout_jpeg, mask_cutout_version
from backend.annotations.models import MaskShape
from backend.annotations.selectors import mask_get
from backend.common.file_answers import FileView
from backend.users.requests import request_user

CUTOUT_PARAMETERS: Final = [
    OpenApiParameter(
        "If-None-Match",
        str,
        OpenApiParameter.HEADER,
        description="An ETag one has: 304 where it is the picture's still.",
    ),
    OpenApiParameter("ETag", str, OpenApiParameter.HEADER, required=True, response=[200, 304]),
    OpenApiParameter("Cache-Control", str, OpenApiParameter.HEADER, required=True, response=[200, 304]),
]
CUTOUT_RESPONSES: Final[dict[Any, Any]] = {
    (200, "image/jpeg"): OpenApiTypes.BINARY,
    304: OpenApiResponse(description="The ETag one has is the picture's still."),
}


class CutoutFileView(FileView):
    """Answers with a cutout."""

    def answer(self, request: Request, shape: MaskShape, *, tag: str, is_lasting: bool) -> HttpResponse:
        """`is_lasting`: under this address there will never be another picture."""
        keeping = "max-age=31536000, immutable" if is_lasting else "no-cache"
        headers = {"ETag": f'"{tag}"', "Cache-Control": f"private, {keeping}"}
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if headers["ETag"] in known or known == ["*"]:
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(cutout_jpeg(shape=shape), content_type="image/jpeg", headers=headers)


class MaskCutoutView(CutoutFileView):
    @extend_schema(
        parameters=[
            OpenApiParameter("v", str, description="Version; with the present one the answer may be kept."),
            *CUTOUT_PARAMETERS,
        ],
        responses=CUTOUT_RESPONSES,
    )
    def get(self, request: Request, mask_id: uuid.UUID) -> HttpResponse:
        """The mask with some of its surroundings, its outline drawn; at most 320 pixels wide and high."""
        mask = mask_get(user=request_user(request), mask_id=mask_id)
        version = mask_cutout_version(mask)
        is_named = request.query_params.get("v") == version
        return self.answer(request, mask, tag=f"{mask.pk.hex}-{version}", is_lasting=is_named)
