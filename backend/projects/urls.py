from django.urls import path

from backend.projects import views

urlpatterns = [
    path("projects/", views.ProjectListView.as_view(), name="project_list"),
    path("projects/<int:project_id>/", views.ProjectView.as_view(), name="project"),
    path("projects/<int:project_id>/labels/", views.LabelListView.as_view(), name="label_list"),
    path("labels/<int:label_id>/", views.LabelView.as_view(), name="label"),
]
