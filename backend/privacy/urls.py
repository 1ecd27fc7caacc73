from django.urls import path

from backend.privacy import views

urlpatterns = [
    path("projects/<int:project_id>/privacy/", views.PrivacyView.as_view(), name="project_privacy"),
]
