from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.http import file_response
from backend.embeddings import selectors, services
from backend.embeddings.decoder import embedding_decode
from backend.embeddings.models import ModelVersion
from backend.embeddings.serializers import DecodeResultSerializer, DecodeSerializer
from backend.images.selectors import image_get
from backend.images.serializers import EmbeddingSerializer
from backend.images.views import VERSION_PARAMETER
from backend.projects.serializers import ManifestSerializer, ModelVersionSerializer
from backend.users.requests import request_user

_BYTES = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class EmbeddingFileView(APIView):
    """Little-endian float16 in C order; the shape is `manifest.embedding_shape` of the image's model."""

    @extend_schema(parameters=[VERSION_PARAMETER], responses=_BYTES)
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        image = image_get(user=request_user(request), image_id=image_id)
        embedding = selectors.embedding_ready(image=image)
        return file_response(
            request._request,
            key=embedding.file_key,
            etag=embedding.etag,
            media_type="application/octet-stream",
            byte_size=embedding.byte_size,
            immutable=request.query_params.get("v") == embedding.etag,
        )


class EmbeddingRetryView(APIView):
    """Queues a failed embedding again; in any other state it only tells the state."""

    @extend_schema(request=None, responses=EmbeddingSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        return Response(EmbeddingSerializer(services.embedding_retry(image=image)).data)


class DecodeView(APIView):
    """The last rung, for browsers that cannot run the decoder: the same ONNX file, run here."""

    @extend_schema(request=DecodeSerializer, responses=DecodeResultSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        embedding = selectors.embedding_ready(image=image)
        prompts = DecodeSerializer(data=request.data)
        prompts.is_valid(raise_exception=True)
        return Response(
            DecodeResultSerializer(embedding_decode(embedding=embedding, **prompts.validated_data)).data
        )


class ModelListView(GenericAPIView[ModelVersion]):
    queryset = ModelVersion.objects.order_by("pk")
    serializer_class = ModelVersionSerializer

    @extend_schema(responses=ModelVersionSerializer(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.model_version_list()) or []
        return self.get_paginated_response(ModelVersionSerializer(page, many=True).data)


class ModelManifestView(APIView):
    """What a browser must know of the model: sizes, thresholds, the decoder's digest."""

    @extend_schema(operation_id="models_manifest", responses=ManifestSerializer)
    def get(self, request: Request, name: str, version: str) -> Response:
        found = selectors.model_version_get(name=name, version=version)
        return Response(found.manifest, headers={"Cache-Control": "private, max-age=31536000, immutable"})


class ModelDecoderView(APIView):
    """The ONNX mask decoder."""

    @extend_schema(operation_id="models_decoder", responses=_BYTES)
    def get(self, request: Request, name: str, version: str) -> HttpResponseBase:
        found = selectors.model_version_get(name=name, version=version)
        return file_response(
            request._request,
            key=found.decoder_key,
            etag=found.decoder_sha256[:32],
            media_type="application/octet-stream",
            byte_size=found.decoder_bytes,
            immutable=True,
        )
