from django.urls import path

from backend.export import views

urlpatterns = [
    path("projects/<int:project_id>/export/coco/", views.CocoExportView.as_view(), name="export_coco"),
]
