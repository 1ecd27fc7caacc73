from django.urls import path, register_converter

from backend.embeddings import project_views, views
from backend.embeddings.windows import Window


class WindowConverter:
    """A window in an address: `x0-y0-x1-y1`."""

    regex = r"[0-9]{1,7}-[0-9]{1,7}-[0-9]{1,7}-[0-9]{1,7}"

    def to_python(self, value: str) -> Window:
        return Window.parse(value)

    def to_url(self, value: Window) -> str:
        return str(value)


register_converter(WindowConverter, "window")

urlpatterns = [
    path(
        "projects/<int:project_id>/embeddings/",
        project_views.ProjectEmbeddingsView.as_view(),
        name="project_embeddings",
    ),
    path(
        "projects/<int:project_id>/embeddings/cancel/",
        project_views.ProjectEmbeddingsCancelView.as_view(),
        name="project_embeddings_cancel",
    ),
    path(
        "projects/<int:project_id>/embeddings/retry/",
        project_views.ProjectEmbeddingsRetryView.as_view(),
        name="project_embeddings_retry",
    ),
    path("images/<int:image_id>/embedding/", views.EmbeddingFileView.as_view(), name="image_embedding"),
    path(
        "images/<int:image_id>/embedding/retry/",
        views.EmbeddingRetryView.as_view(),
        name="image_embedding_retry",
    ),
    path("images/<int:image_id>/crops/", views.CropListView.as_view(), name="image_crops"),
    path("images/<int:image_id>/crops/<window:window>/", views.CropView.as_view(), name="image_crop"),
    path(
        "images/<int:image_id>/crops/<window:window>/embedding/",
        views.CropFileView.as_view(),
        name="image_crop_embedding",
    ),
    path("images/<int:image_id>/decode/", views.DecodeView.as_view(), name="image_decode"),
    path("images/<int:image_id>/words/", views.WordView.as_view(), name="image_words"),
    path("models/", views.ModelListView.as_view(), name="model_list"),
    path(
        "models/<str:name>/<str:version>/manifest.json",
        views.ModelManifestView.as_view(),
        name="model_manifest",
    ),
    path(
        "models/<str:name>/<str:version>/prepare.onnx", views.ModelPrepareView.as_view(), name="model_prepare"
    ),
    path("models/<str:name>/<str:version>/click.onnx", views.ModelClickView.as_view(), name="model_click"),
]
