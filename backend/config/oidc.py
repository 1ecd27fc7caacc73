"""What of OpenID Connect the environment says, as allauth's settings."""

from typing import Any, Final
from urllib.parse import urlsplit

from backend.config.variables import SettingError

PROVIDER_ID: Final = "oidc"
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_oidc_set(issuer: str, client_id: str, client_secret: str) -> bool:
    """Whether people log in by a provider. Raises SettingError for half a set-up, or one others can listen to."""
    given = [bool(value) for value in (issuer, client_id, client_secret)]
    if not any(given):
        return False
    if not all(given):
        raise SettingError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set all or none.")
    address = urlsplit(issuer)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _THIS_MACHINE):
        raise SettingError("OIDC_ISSUER must begin with https://.")
    return True


def oidc_apps(issuer: str, client_id: str, client_secret: str, name: str) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS with this one provider."""
    app = {
        "provider_id": PROVIDER_ID,
        "name": name,
        "client_id": client_id,
        "secret": client_secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}
