from django.urls import path

from backend.comments import views

urlpatterns = [
    path("images/<int:image_id>/threads/", views.ThreadListView.as_view(), name="thread_list"),
    path("threads/<uuid:thread_id>/", views.ThreadView.as_view(), name="thread"),
    path("threads/<uuid:thread_id>/comments/", views.CommentListView.as_view(), name="comment_list"),
    path("threads/<uuid:thread_id>/resolve/", views.ResolveView.as_view(), name="thread_resolve"),
    path("threads/<uuid:thread_id>/reopen/", views.ReopenView.as_view(), name="thread_reopen"),
    path("comments/<uuid:comment_id>/", views.CommentView.as_view(), name="comment"),
]
