"""A server for a team: every secret and host name comes from the environment, or the process refuses to start."""

from django.core.exceptions import ImproperlyConfigured

from backend.config import env as knobs
from backend.config.settings.base import *  # noqa: F403

if not knobs.SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set; production never makes one up.")
if not knobs.ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: name the hosts this server answers for.")

# HTTPS is assumed; an installation behind plain HTTP says so.
_HTTPS = knobs.env.bool("HTTPS", True)
SECURE_SSL_REDIRECT = _HTTPS
SESSION_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_SECURE = _HTTPS
SECURE_HSTS_SECONDS = 3600 if _HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # X-Frame-Options is set by our own middleware, on static files too.
    "security.W002",
    # Subdomains and the preload list concern the whole domain, which is not this server's to decide.
    "security.W005",
    "security.W021",
]
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
