"""A server for a team: every secret and host name comes from the environment, or the process refuses to start."""

from backend.config import env as knobs
from backend.config.secret import secret_key_weakness
from backend.config.settings.base import *  # noqa: F403
from backend.config.variables import SettingError

if not knobs.SECRET_KEY:
    raise SettingError("SECRET_KEY is not set; production never makes one up.")
if not knobs.DEMO and (_weakness := secret_key_weakness(knobs.SECRET_KEY, knobs.DATA_DIR / "secret_key")):
    raise SettingError(
        f"SECRET_KEY {_weakness}; make one: `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`."
    )
if not knobs.ALLOWED_HOSTS:
    raise SettingError("ALLOWED_HOSTS is not set: name the hosts this server answers for.")

# HTTPS is assumed; an installation behind plain HTTP says so.
SECURE_SSL_REDIRECT = knobs.HTTPS
SESSION_COOKIE_SECURE = knobs.HTTPS
CSRF_COOKIE_SECURE = knobs.HTTPS
SECURE_HSTS_SECONDS = knobs.HSTS_SECONDS if knobs.HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # X-Frame-Options is set by our own middleware, on static files too.
    "security.W002",
    # Subdomains and the preload list concern the whole domain, which is not this server's to decide.
    "security.W005",
    "security.W021",
]
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
