from django.urls import path

from backend.imports import views

urlpatterns = [
    path("projects/<int:project_id>/imports/", views.ImportsView.as_view(), name="imports"),
]
