from django.urls import path

from backend.fairness import views

urlpatterns = [
    path(
        "projects/<int:project_id>/fairness-reports/",
        views.ReportListView.as_view(),
        name="fairness_report_list",
    ),
    path("fairness-reports/<int:fairness_report_id>/", views.ReportView.as_view(), name="fairness_report"),
    path(
        "fairness-reports/<int:fairness_report_id>/groups/",
        views.GroupsView.as_view(),
        name="fairness_report_groups",
    ),
]
