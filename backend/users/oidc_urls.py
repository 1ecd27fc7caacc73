from django.urls import path

from backend.config.oidc import PROVIDER_ID
from backend.users import oidc_views

urlpatterns = [
    path("login/", oidc_views.login, name="oidc_login"),
    # allauth finds it by this name.
    path("callback/", oidc_views.callback, {"provider_id": PROVIDER_ID}, name="openid_connect_callback"),
]
