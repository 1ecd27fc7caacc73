from django.urls import path

from backend.tags import views

urlpatterns = [
    path("projects/<int:project_id>/tags/", views.TagListView.as_view(), name="tag_list"),
    path("projects/<int:project_id>/images/tags/", views.TaggingView.as_view(), name="images_tag"),
    path("tags/<int:tag_id>/", views.TagView.as_view(), name="tag"),
]
