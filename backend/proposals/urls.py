from django.urls import path

from backend.proposals import views

urlpatterns = [
    path("projects/<int:project_id>/proposal-runs/", views.RunListView.as_view(), name="proposal_run_list"),
    path("proposal-runs/<int:proposal_run_id>/", views.RunView.as_view(), name="proposal_run"),
    path("projects/<int:project_id>/proposals/", views.ProjectProposalsView.as_view(), name="proposal_list"),
    path(
        "projects/<int:project_id>/proposals/confidences/",
        views.ConfidencesView.as_view(),
        name="proposal_confidences",
    ),
    path(
        "projects/<int:project_id>/proposals/decide/",
        views.ProjectDecideView.as_view(),
        name="proposal_decide",
    ),
    path("images/<int:image_id>/proposals/", views.ImageProposalsView.as_view(), name="image_proposal_list"),
    path(
        "images/<int:image_id>/proposals/decide/",
        views.ImageDecideView.as_view(),
        name="image_proposal_decide",
    ),
    path("proposals/<uuid:proposal_id>/cutout/", views.CutoutView.as_view(), name="proposal_cutout"),
]
