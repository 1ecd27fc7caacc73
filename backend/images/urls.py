from django.urls import path

from backend.images import views

urlpatterns = [
    path("projects/<int:project_id>/images/", views.ImagesView.as_view(), name="image_list"),
    path("images/<int:image_id>/", views.ImageView.as_view(), name="image"),
    path("images/<int:image_id>/file/", views.ImageFileView.as_view(), name="image_file"),
    path("images/<int:image_id>/original/", views.ImageOriginalView.as_view(), name="image_original"),
    path("images/<int:image_id>/preview/", views.ImagePreviewView.as_view(), name="image_preview"),
    path("images/<int:image_id>/thumbnail/", views.ImageThumbnailView.as_view(), name="image_thumbnail"),
]
