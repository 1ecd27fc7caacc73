"""Every environment variable is read here, once. Nothing else in `backend` or `workers` looks at `os.environ`."""

from pathlib import Path

import environ

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]


def folder(name: str, default: Path) -> Path:
    """A folder's absolute path. Set but empty, as make hands on what nobody set, is not set: never the current folder."""
    return Path(env.str(name, "") or default).expanduser().resolve()


DATA_DIR = folder("DATA_DIR", BASE_DIR / "data")
MODELS_DIR = folder("MODELS_DIR", DATA_DIR / "models")
FRONTEND_DIST = folder("FRONTEND_DIST", BASE_DIR / "frontend" / "dist")

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUST_PROXY_HEADERS = env.bool("TRUST_PROXY_HEADERS", False)
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGIN_RATE = env.str("LOGIN_RATE", "60/min")
# Requests of one person to the API, or of one address; "" for no limit. Hovering asks for nothing: hundreds a minute are
# a fast annotator, thousands a script.
API_RATE = env.str("API_RATE", "6000/min")
# Where requests are counted: `redis://host:6379/1` for all processes together. Without it each counts those it answers.
CACHE_URL = env.str("CACHE_URL", "")

# Mail, for invitations and forgotten passwords: `smtp+tls://user:password@host:587`. Without it none are sent.
EMAIL_URL = env.str("EMAIL_URL", "")
EMAIL_FROM = env.str("EMAIL_FROM", "") or "anymask@localhost"
MAIL_RATE = env.str("MAIL_RATE", "20/hour")

# Log-in by a provider of OpenID Connect: all three or none.
OIDC_ISSUER = env.str("OIDC_ISSUER", "").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.str("OIDC_NAME", "") or "OpenID Connect"

DATABASE_URL = env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'anymask.sqlite3'}"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "") or "filesystem://"
STORAGE_URL = env.str("STORAGE_URL", "")
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", "")
# Where data sets may be imported from besides uploads: folders of this machine, buckets; nowhere without them.
IMPORT_ROOTS = env.list("IMPORT_ROOTS", default=[])
IMPORT_S3 = env.list("IMPORT_S3", default=[])

# Uploads. Bytes, pixels and counts; a refused file answers with a code, never with a crash.
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", 256 * 1024**2)
MAX_REQUEST_BYTES = env.int("MAX_REQUEST_BYTES", 4 * 1024**3)
MAX_REQUEST_FILES = env.int("MAX_REQUEST_FILES", 5000)
MAX_IMAGE_PIXELS = env.int("MAX_IMAGE_PIXELS", 200_000_000)
MAX_ARCHIVE_BYTES = env.int("MAX_ARCHIVE_BYTES", 8 * 1024**3)
MAX_ARCHIVE_MEMBERS = env.int("MAX_ARCHIVE_MEMBERS", 20_000)

# Who finds faces and licence plates where a project wants them blurred: the dotted path of a class.
PRIVACY_DETECTOR = env.str("PRIVACY_DETECTOR", "") or "backend.privacy.cascades.CascadeDetector"

# Embeddings.
DEVICE = env.str("DEVICE", "cpu")
EMBEDDING_BATCH_SIZE = env.int("EMBEDDING_BATCH_SIZE", 4)
EMBEDDING_LEASE_SECONDS = env.int("EMBEDDING_LEASE_SECONDS", 60)
# Jobs: how long one stays with a worker nothing is heard of; how often workers give a sign of life.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 60)
WORKER_BEAT_SECONDS = env.float("WORKER_BEAT_SECONDS", 5.0)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 10.0)
# How long an image stays with somebody who gives no sign of life.
WORK_LEASE_SECONDS = env.int("WORK_LEASE_SECONDS", 600)
# Webhooks lead to the public internet, by https. Hosts inside this network are opened one by one, by name, on any port.
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])
WEBHOOK_ALLOW_HTTP = env.bool("WEBHOOK_ALLOW_HTTP", False)
WEBHOOK_PORTS = env.list("WEBHOOK_PORTS", cast=int, default=[443, 8443, 80, 8080])
WEBHOOK_LEASE_SECONDS = env.int("WEBHOOK_LEASE_SECONDS", 60)  # several times what a try may take
MODEL_CACHE_SIZE = env.int("MODEL_CACHE_SIZE", 1)
