from django.urls import path

from backend.jobs import views

urlpatterns = [
    path("jobs/", views.JobListView.as_view(), name="job_list"),
    path("projects/<int:project_id>/jobs/", views.ProjectJobListView.as_view(), name="project_job_list"),
    path("jobs/<uuid:job_id>/", views.JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/cancel/", views.JobCancelView.as_view(), name="job_cancel"),
    path("jobs/<uuid:job_id>/retry/", views.JobRetryView.as_view(), name="job_retry"),
    path("jobs/<uuid:job_id>/file/", views.JobFileView.as_view(), name="job_file"),
    path("queue/", views.QueueView.as_view(), name="queue"),
]
