from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from backend.api.pages import error_page

APPS = [
    "users",
    "projects",
    "privacy",
    "images",
    "tags",
    "embeddings",
    "work",
    "annotations",
    "comments",
    "notifications",
    "jobs",
    "webhooks",
    "quality",
    "proposals",
    "likeness",
    "ranking",
    "export",
    "imports",
    "training",
    "fairness",
    "evaluations",
    "dashboard",
]

urlpatterns = [
    path("v1/", include([path("", include(f"backend.{app}.urls")) for app in APPS])),
    path("errors", error_page, name="errors"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    # The split view loads its start-up script by url; an inline one would need a hole in the security policy.
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
