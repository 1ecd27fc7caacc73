"""What looks like a mask. Who may is in the table of permissions."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations.selectors import mask_get
from backend.likeness.selectors import similar_find
from backend.likeness.serializers import SimilarQuerySerializer, SimilarSerializer
from backend.likeness.services import vectors_wanted
from backend.users.requests import request_user


class SimilarView(APIView):
    @extend_schema(
        operation_id="masks_similar", parameters=[SimilarQuerySerializer], responses=SimilarSerializer
    )
    def get(self, request: Request, mask_id: uuid.UUID) -> Response:
        """The masks of the project that look most like this one. Where masks were not looked at yet, a job begins to,
        with this one's image, unless one's role may not start it, or the last one failed or was cancelled."""
        user = request_user(request)
        query = SimilarQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        mask = mask_get(user=user, mask_id=mask_id)
        similar = similar_find(mask=mask, user=user, **query.validated_data)
        job = None
        if similar.missing or not similar.is_ready:
            job = vectors_wanted(project=mask.image.project, user=user, image=mask.image)
        body = {**vars(similar), "job": job.uuid if job else None}
        return Response(SimilarSerializer(body).data)
