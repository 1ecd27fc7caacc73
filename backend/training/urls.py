from django.urls import path

from backend.training import views

urlpatterns = [
    path(
        "projects/<int:project_id>/training-runs/",
        views.TrainingRunListView.as_view(),
        name="training_run_list",
    ),
    path(
        "projects/<int:project_id>/training-material/", views.MaterialView.as_view(), name="training_material"
    ),
    path("training-runs/<int:training_run_id>/", views.TrainingRunView.as_view(), name="training_run"),
    path(
        "training-runs/<int:training_run_id>/promote/",
        views.PromoteView.as_view(),
        name="training_run_promote",
    ),
    path("projects/<int:project_id>/model/", views.ProjectModelView.as_view(), name="project_model"),
    path(
        "projects/<int:project_id>/model/roll-back/", views.RollBackView.as_view(), name="project_model_back"
    ),
]
