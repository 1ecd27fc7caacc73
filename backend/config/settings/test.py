"""The test suite: a data folder of its own, a broker that forgets, quick passwords."""

import atexit
import shutil
import tempfile
from pathlib import Path

from backend.config import env as knobs
from backend.config.settings.base import *  # noqa: F403
from backend.config.settings.base import REST_FRAMEWORK, database_entry
from backend.config.storages import storage_entry

_folder = Path(tempfile.mkdtemp(prefix="anymask-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

SECRET_KEY = "only for tests"  # nosec B105 # it guards nothing
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATA_DIR = _folder
MODELS_DIR = _folder / "models"
FILE_UPLOAD_TEMP_DIR = str(_folder)
ENCODER_PRECISION = "float32"  # tests compare embeddings with those of a plain predictor, on every machine
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": storage_entry("", _folder),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A file, not memory: threads of one test must see one database, with the locks the real one has.
_url = knobs.DATABASE_URL or f"sqlite:///{_folder / 'test.sqlite3'}"
DATABASES = {"default": database_entry(_url)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"api": None, "login": None, "mail": None}}
