from django.urls import path

from backend.evaluations import views

urlpatterns = [
    path("evaluation-tasks/", views.TaskListView.as_view(), name="evaluation_task_list"),
    path(
        "projects/<int:project_id>/evaluations/",
        views.EvaluationListView.as_view(),
        name="evaluation_list",
    ),
    path("evaluations/<int:evaluation_id>/", views.EvaluationView.as_view(), name="evaluation"),
]
