from django.urls import path

from backend.embeddings import views

urlpatterns = [
    path("images/<int:image_id>/embedding/", views.EmbeddingFileView.as_view(), name="image_embedding"),
    path(
        "images/<int:image_id>/embedding/retry/",
        views.EmbeddingRetryView.as_view(),
        name="image_embedding_retry",
    ),
    path("images/<int:image_id>/decode/", views.DecodeView.as_view(), name="image_decode"),
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
