from django.urls import path

from backend.quality import check_views, views

urlpatterns = [
    path("projects/<int:project_id>/quality/rounds/", views.RoundListView.as_view()),
    path("projects/<int:project_id>/quality/ground-truth/", views.TruthListView.as_view()),
    path("projects/<int:project_id>/quality/settings/", views.QualitySettingsView.as_view()),
    path("projects/<int:project_id>/quality/scores/", views.ScoreListView.as_view()),
    path("projects/<int:project_id>/quality/agreement/", views.AgreementView.as_view()),
    path("projects/<int:project_id>/quality/checks/", check_views.QualityCheckListView.as_view()),
    path("quality-checks/<int:check_id>/", check_views.QualityCheckView.as_view()),
    path("quality-checks/<int:check_id>/images/", check_views.QualityCheckImagesView.as_view()),
    path("quality-checks/<int:check_id>/close/", check_views.QualityCheckCloseView.as_view()),
    path("quality-checks/<int:check_id>/apply/", check_views.QualityCheckApplyView.as_view()),
    path("consensus-rounds/<int:round_id>/", views.RoundView.as_view()),
    path("consensus-rounds/<int:round_id>/close/", views.RoundCloseView.as_view()),
    path("consensus-rounds/<int:round_id>/images/", views.RoundImagesView.as_view()),
    path("consensus-images/<int:consensus_image_id>/", views.ConsensusImageView.as_view()),
    path("consensus-images/<int:consensus_image_id>/resolve/", views.ResolveView.as_view()),
    path("consensus-images/<int:consensus_image_id>/reopen/", views.ReopenView.as_view()),
    path("images/<int:image_id>/ground-truth/", views.TruthView.as_view()),
]
