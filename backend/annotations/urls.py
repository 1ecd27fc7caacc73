from django.urls import path

from backend.annotations import cutout_views, history_views, project_views, views

urlpatterns = [
    path("images/<int:image_id>/masks/", views.MaskListView.as_view(), name="mask_list"),
    path("images/<int:image_id>/masks/changes/", views.MaskChangesView.as_view(), name="mask_changes"),
    path(
        "images/<int:image_id>/masks/deleted/",
        history_views.DeletedMaskListView.as_view(),
        name="mask_deleted_list",
    ),
    path(
        "projects/<int:project_id>/masks/",
        project_views.ProjectMaskListView.as_view(),
        name="project_mask_list",
    ),
    path(
        "projects/<int:project_id>/masks/bulk/",
        project_views.MaskBulkView.as_view(),
        name="project_mask_bulk",
    ),
    path("masks/<uuid:mask_id>/", views.MaskView.as_view(), name="mask"),
    path("masks/<uuid:mask_id>/cutout/", cutout_views.MaskCutoutView.as_view(), name="mask_cutout"),
    path("masks/<uuid:mask_id>/history/", history_views.MaskHistoryView.as_view(), name="mask_history"),
    path(
        "masks/<uuid:mask_id>/history/<int:revision>/",
        history_views.MaskRevisionView.as_view(),
        name="mask_revision",
    ),
    path("masks/<uuid:mask_id>/restore/", history_views.MaskRestoreView.as_view(), name="mask_restore"),
]
