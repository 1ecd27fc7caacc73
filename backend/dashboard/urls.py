from django.urls import path

from backend.dashboard import views

_OF_PROJECT = "projects/<int:project_id>/dashboard"

urlpatterns = [
    path(f"{_OF_PROJECT}/activity/", views.ProjectActivityView.as_view(), name="project_activity"),
    path(f"{_OF_PROJECT}/statuses/", views.ProjectStatusesView.as_view(), name="project_statuses"),
    path(f"{_OF_PROJECT}/reviews/", views.ProjectReviewsView.as_view(), name="project_reviews"),
    path(f"{_OF_PROJECT}/storage/", views.ProjectStorageView.as_view(), name="project_storage"),
    path(f"{_OF_PROJECT}/engine/", views.ProjectEngineView.as_view(), name="project_engine"),
    path("dashboard/activity/", views.ActivityView.as_view(), name="activity"),
    path("dashboard/statuses/", views.StatusesView.as_view(), name="statuses"),
    path("dashboard/reviews/", views.ReviewsView.as_view(), name="reviews"),
    path("dashboard/storage/", views.StorageView.as_view(), name="storage"),
]
