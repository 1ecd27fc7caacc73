from django.urls import path

from backend.projects import audit_views, member_views, views

urlpatterns = [
    path("projects/", views.ProjectListView.as_view(), name="project_list"),
    path("projects/<int:project_id>/", views.ProjectView.as_view(), name="project"),
    path("projects/<int:project_id>/audit/", audit_views.AuditView.as_view(), name="audit"),
    path("projects/<int:project_id>/labels/", views.LabelListView.as_view(), name="label_list"),
    path("labels/<int:label_id>/", views.LabelView.as_view(), name="label"),
    path("projects/<int:project_id>/members/", member_views.MemberListView.as_view(), name="member_list"),
    path(
        "projects/<int:project_id>/members/<int:user_id>/", member_views.MemberView.as_view(), name="member"
    ),
    path(
        "projects/<int:project_id>/invitations/",
        member_views.InvitationListView.as_view(),
        name="invitation_list",
    ),
    path("invitations/accept/", member_views.InvitationAcceptView.as_view(), name="invitation_accept"),
    path("invitations/<int:invitation_id>/", member_views.InvitationView.as_view(), name="invitation"),
]
