from django.urls import path

from backend.annotations import views

urlpatterns = [
    path("images/<int:image_id>/masks/", views.MaskListView.as_view(), name="mask_list"),
    path("images/<int:image_id>/masks/changes/", views.MaskChangesView.as_view(), name="mask_changes"),
    path("masks/<uuid:mask_id>/", views.MaskView.as_view(), name="mask"),
]
