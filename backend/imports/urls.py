from django.urls import path

from backend.imports import views

urlpatterns = [
    path("projects/<int:project_id>/imports/", views.ImportsView.as_view(), name="imports"),
    path("projects/<int:project_id>/imports/places/", views.PlacesView.as_view(), name="import_places"),
]
