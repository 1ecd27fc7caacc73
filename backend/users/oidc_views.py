"""Where a browser goes to log in by OpenID Connect, and where the provider sends it back to."""

import logging

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.config.oidc import PROVIDER_ID
from backend.users.oidc_adapter import VerifyingAdapter, refusal

logger = logging.getLogger("anymask.oidc")


@require_GET
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """To the provider; afterwards to `?next=`, a path of ours."""
    wanted = request.GET.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    try:
        provider = get_adapter().get_provider(request, provider=PROVIDER_ID)
        answer: HttpResponse = provider.redirect(
            request, process="login", next_url=wanted if is_ours else None
        )
    except Exception:
        # The provider is away, or answers what nobody foresaw; the log says which.
        logger.exception("oidc_failed")
        return refusal("auth.oidc_failed")
    return answer


@require_GET
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        view = OAuth2CallbackView.adapter_view(VerifyingAdapter(request, provider_id))
        answer: HttpResponse = view(request)
    except Exception:
        logger.exception("oidc_failed")
        return refusal("auth.oidc_failed")
    return answer
