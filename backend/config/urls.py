"""All urls: the API, what machines ask that watch this one, and the front end for every other path."""

from django.conf import settings
from django.urls import include, path, re_path

from backend.api.pages import HealthView, front_end
from backend.operations.views import MetricsView, ReadyView

urlpatterns = [
    path("api/", include("backend.api.urls")),
    path("healthz", HealthView.as_view(), name="healthz"),
    path("readyz", ReadyView.as_view(), name="readyz"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    # Where browsers are sent to log in elsewhere, and come back to.
    *([path("oidc/", include("backend.users.oidc_urls"))] if settings.OIDC_NAME else []),
    # Client-side routes: whatever is no API call and no file is the front end's to answer.
    re_path(r"^(?!api/|static/).*$", front_end, name="front_end"),
]

handler400 = "backend.api.errors.bad_request"
handler403 = "backend.api.errors.permission_denied"
handler404 = "backend.api.errors.page_not_found"
handler500 = "backend.api.errors.server_error"
