"""allauth's part of the log-in by OpenID Connect: imported only where it is installed into Django."""

import logging
from typing import Any
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backend.common.errors import ApplicationError, Conflict
from backend.users.models import User
from backend.users.oidc import person_admit, person_by_email, person_create

logger = logging.getLogger("anymask.oidc")


def refusal(code: str) -> HttpResponse:
    """Back to the log-in page, which says why."""
    return HttpResponseRedirect("/login?" + urlencode({"refused": code}))


class VerifyingAdapter(OpenIDConnectOAuth2Adapter):
    """Looks at what allauth takes on trust from a connection it made itself: the signature, and whose userinfo it is."""

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        # allauth leaves the signature out once it fetched the token by itself.
        self.did_fetch_access_token = False
        claims = self._decode_id_token(app, str(kwargs["response"].get("id_token", "")))
        data = {"id_token": claims}
        if "userinfo_endpoint" in self.openid_config:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != claims["sub"]:
                raise OAuth2Error("The userinfo is somebody else's.")
        return self.get_provider().sociallogin_from_response(request, data)


class PeopleAdapter(DefaultSocialAccountAdapter):
    """Ends allauth's flow where it knows who came: who that is here, and the session, are ours to decide."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        try:
            with transaction.atomic():
                user = person_admit(user=_person_of(sociallogin))
        except ApplicationError as error:
            logger.warning("oidc_refused code=%s", error.code)
            raise ImmediateHttpResponse(refusal(error.code)) from error
        login(request, user)
        raise ImmediateHttpResponse(HttpResponseRedirect(sociallogin.state.get("next") or "/"))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        cancelled = error == AuthError.CANCELLED
        if not cancelled:
            logger.warning("oidc_failed error=%s reason=%r", error, exception)
        raise ImmediateHttpResponse(refusal("auth.oidc_cancelled" if cancelled else "auth.oidc_failed"))


def _person_of(sociallogin: SocialLogin) -> User:
    """The person known by this account of the provider's, else by a verified address, else a new one."""
    if sociallogin.is_existing:
        known: User = sociallogin.user
        return known
    account = sociallogin.account
    claims = account.get_provider_account().get_user_data() or {}
    email = next((entry.email for entry in sociallogin.email_addresses if entry.verified), "")
    user = person_by_email(email=email)
    if user and SocialAccount.objects.filter(user=user, provider=account.provider).exists():
        # An address that was handed on must not hand on the account.
        raise Conflict("This person logs in with another account there.", "auth.oidc_taken")
    account.user = user or person_create(claims=claims, email=email)
    account.save()
    found: User = account.user
    return found
