"""One machine, nothing to set: `make run`, the demo, a developer. Reachable under local names only."""

from backend.config import env as knobs
from backend.config.secret import secret_key_read_or_create
from backend.config.settings.base import *  # noqa: F403

DEBUG = knobs.DEBUG
DEMO = knobs.DEMO is not False
SECRET_KEY = knobs.SECRET_KEY or secret_key_read_or_create(knobs.DATA_DIR / "secret_key")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *knobs.ALLOWED_HOSTS]
