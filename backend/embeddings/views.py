from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.file_answers import FILE_PARAMETERS, FileView, file_responses
from backend.common.http import file_response
from backend.common.listing import ListingView
from backend.embeddings import selectors, services
from backend.embeddings.decoder import embedding_decode
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.serializers import (
    CropRequestSerializer,
    CropSerializer,
    DecodeResultSerializer,
    DecodeSerializer,
    WordResultSerializer,
    WordSerializer,
)
from backend.embeddings.windows import Window
from backend.embeddings.words import word_decode
from backend.images.models import Image
from backend.images.selectors import image_get
from backend.images.serializers import EmbeddingSerializer
from backend.images.views import VERSION_PARAMETER
from backend.projects.serializers import ManifestSerializer, ModelVersionSerializer
from backend.users.requests import request_user

# 409 `embedding.not_ready`, `embedding.failed`, `model.no_graphs`.
_BYTES = file_responses("application/octet-stream") | {409: None}


class EmbeddingFileView(FileView):
    """Little-endian float16 in C order; the shape is `manifest.embedding_shape` of the image's model."""

    @extend_schema(parameters=[VERSION_PARAMETER, *FILE_PARAMETERS], responses=_BYTES)
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        image = image_get(user=request_user(request), image_id=image_id)
        embedding = selectors.embedding_ready(image=image, etag=_etag_asked(request))
        return embedding_response(request, embedding)


class CropListView(APIView):
    """Asks for a window of the image to be embedded on its own, before whole images that wait."""

    @extend_schema(request=CropRequestSerializer, responses={200: CropSerializer, 201: CropSerializer})
    def post(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        body = CropRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        window: Window = body.validated_data["window"]
        embedding, is_new = services.crop_request(image=image, window=window)
        return Response(crop_body(image, window, embedding), status=201 if is_new else 200)


class CropView(APIView):
    """How far a window that was asked for is."""

    @extend_schema(responses=CropSerializer)
    def get(self, request: Request, image_id: int, window: Window) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        return Response(crop_body(image, window, selectors.crop_get(image=image, window=window)))


class CropFileView(FileView):
    """The window's embedding, in the form of an image's."""

    @extend_schema(parameters=[VERSION_PARAMETER, *FILE_PARAMETERS], responses=_BYTES)
    def get(self, request: Request, image_id: int, window: Window) -> HttpResponseBase:
        image = image_get(user=request_user(request), image_id=image_id)
        embedding = selectors.embedding_ready(image=image, window=window, etag=_etag_asked(request))
        return embedding_response(request, embedding)


def _etag_asked(request: Request) -> str:
    """The ETag in `v`; empty where it has none, or the name of a model, as before there is a file."""
    version = request.query_params.get("v", "")
    return version if version.isalnum() else ""


def crop_body(image: Image, window: Window, embedding: Embedding) -> dict[str, Any]:
    """What `CropSerializer` shows."""
    address = reverse("image_crop_embedding", args=[image.pk, window])
    version = embedding.etag or str(embedding.model_version)
    url = f"{address}?{urlencode({'v': version})}"
    return dict(CropSerializer({"window": window, "embedding": embedding, "embedding_url": url}).data)


def embedding_response(request: Request, embedding: Embedding) -> HttpResponseBase:
    """The bytes of a finished embedding, to be kept for good under the address that names their version."""
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
    """The last rung, for browsers that cannot run the decoder: the same ONNX graphs, run here."""

    @extend_schema(request=DecodeSerializer, responses=DecodeResultSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        prompts = DecodeSerializer(data=request.data)
        prompts.is_valid(raise_exception=True)
        named = {name: prompts.validated_data.pop(name) for name in ("window", "model")}
        embedding = selectors.embedding_ready(image=image, **named)
        return Response(
            DecodeResultSerializer(embedding_decode(embedding=embedding, **prompts.validated_data)).data
        )


class WordView(APIView):
    """Masks for a word somebody typed, where the image's model reads words (`manifest.text`)."""

    @extend_schema(request=WordSerializer, responses=WordResultSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        asked = WordSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        embedding = selectors.embedding_ready(image=image, model=asked.validated_data["model"])
        return Response(
            WordResultSerializer(word_decode(embedding=embedding, word=asked.validated_data["word"])).data
        )


class ModelListView(ListingView[ModelVersion]):
    queryset = ModelVersion.objects.order_by("pk")
    serializer_class = ModelVersionSerializer

    @extend_schema(responses=ModelVersionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All registered models, the oldest first."""
        return self.page_of(selectors.model_version_list(), ModelVersionSerializer)


class ModelManifestView(APIView):
    """What a browser must know of the model: sizes, thresholds, the graphs' digests."""

    @extend_schema(operation_id="models_manifest", responses=ManifestSerializer)
    def get(self, request: Request, name: str, version: str) -> Response:
        found = selectors.model_version_get(name=name, version=version)
        # Exported anew, the same weights get other graphs: the manifest must not outlive them.
        return Response(found.manifest, headers={"Cache-Control": "private, no-cache"})


class _GraphView(FileView):
    """One of the decoder's graphs, for whoever has its row's fields."""

    graph: str

    def respond(self, request: Request, name: str, version: str) -> HttpResponseBase:
        found = selectors.model_version_with_graphs(name=name, version=version)
        return file_response(
            request._request,
            key=getattr(found, f"{self.graph}_key"),
            etag=getattr(found, f"{self.graph}_sha256")[:32],
            media_type="application/octet-stream",
            byte_size=getattr(found, f"{self.graph}_bytes"),
            immutable=request.query_params.get("v") == getattr(found, f"{self.graph}_sha256")[:12],
        )


class ModelPrepareView(_GraphView):
    """The ONNX graph to run once per image."""

    graph = "prepare"

    @extend_schema(
        operation_id="models_prepare", parameters=[VERSION_PARAMETER, *FILE_PARAMETERS], responses=_BYTES
    )
    def get(self, request: Request, name: str, version: str) -> HttpResponseBase:
        return self.respond(request, name, version)


class ModelClickView(_GraphView):
    """The ONNX graph to run once per prompt, on what `prepare.onnx` answered."""

    graph = "click"

    @extend_schema(
        operation_id="models_click", parameters=[VERSION_PARAMETER, *FILE_PARAMETERS], responses=_BYTES
    )
    def get(self, request: Request, name: str, version: str) -> HttpResponseBase:
        return self.respond(request, name, version)
