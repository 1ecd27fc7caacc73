from django.urls import path

from backend.export import views

urlpatterns = [
    path("formats/", views.FormatsView.as_view(), name="formats"),
    path("projects/<int:project_id>/export/coco/", views.CocoExportView.as_view(), name="export_coco"),
]
