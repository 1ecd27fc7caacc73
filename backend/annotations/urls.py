from django.urls import path

from backend.annotations import views

urlpatterns = [
    path("images/<int:image_id>/masks/", views.MaskListView.as_view(), name="mask_list"),
    path("masks/<uuid:mask_id>/", views.MaskView.as_view(), name="mask"),
]
