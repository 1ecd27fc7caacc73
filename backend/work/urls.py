from django.urls import path

from backend.work import views

urlpatterns = [
    path("projects/<int:project_id>/work/", views.ProjectWorkView.as_view()),
    path("projects/<int:project_id>/work/next/", views.NextImageView.as_view()),
    path("projects/<int:project_id>/work/next-review/", views.NextReviewView.as_view()),
    path("projects/<int:project_id>/work/assign/", views.AssignView.as_view()),
    path("images/<int:image_id>/work/", views.ImageWorkView.as_view()),
    path("images/<int:image_id>/work/lease/", views.LeaseView.as_view()),
    path("images/<int:image_id>/work/submit/", views.SubmitView.as_view()),
    path("images/<int:image_id>/work/withdraw/", views.WithdrawView.as_view()),
    path("images/<int:image_id>/work/skip/", views.SkipView.as_view()),
    path("images/<int:image_id>/work/accept/", views.AcceptView.as_view()),
    path("images/<int:image_id>/work/reject/", views.RejectView.as_view()),
]
