"""What every installation shares. Knobs come from `backend.config.env`; constants stand here."""

import re
from typing import Any

from backend.config import env as knobs
from backend.config.oidc import is_oidc_set, oidc_apps
from backend.config.places import import_places
from backend.config.storages import storage_entry

BASE_DIR = knobs.BASE_DIR
DATA_DIR = knobs.DATA_DIR
MODELS_DIR = knobs.MODELS_DIR
FRONTEND_DIST = knobs.FRONTEND_DIST

DEBUG = False
DEMO = bool(knobs.DEMO)
SECRET_KEY = knobs.SECRET_KEY
ALLOWED_HOSTS: list[str] = knobs.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS: list[str] = knobs.CSRF_TRUSTED_ORIGINS

ROOT_URLCONF = "backend.config.urls"
WSGI_APPLICATION = "backend.config.wsgi.application"
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "backend.users",
    "backend.idempotency",
    "backend.tallies",
    "backend.projects",
    "backend.privacy",
    "backend.images",
    "backend.tags",
    "backend.embeddings",
    "backend.work",
    "backend.annotations",
    "backend.comments",
    "backend.notifications",
    "backend.jobs",
    "backend.webhooks",
    "backend.quality",
    "backend.proposals",
    "backend.likeness",
    "backend.ranking",
    "backend.export",
    "backend.imports",
    "backend.training",
    "backend.release",
    "backend.fairness",
    "backend.evaluations",
    "backend.dashboard",
    "backend.demo",
    "backend.operations",
    "backend.api",
]

MIDDLEWARE = [
    # Before all others, so that whatever these log has the request's id.
    "backend.common.request_ids.RequestIdMiddleware",
    # First, so that static files, errors and redirects carry the isolation headers too.
    "backend.common.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.api.problems.ProblemMiddleware",
    "backend.common.headers.RequestSizeMiddleware",
    "backend.common.headers.RateHeadersMiddleware",
    "backend.api.unsupported.UnsupportedHeadersMiddleware",
    "backend.api.database.DatabaseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

METRICS_TOKEN = knobs.METRICS_TOKEN
PROMETHEUS_MULTIPROC_DIR = knobs.PROMETHEUS_MULTIPROC_DIR
if METRICS_TOKEN:
    MIDDLEWARE.insert(1, "backend.operations.metrics.RequestMetricsMiddleware")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# A link for a forgotten password; a mailbox is read by others, too.
PASSWORD_RESET_TIMEOUT = 24 * 3600

# --- mail -------------------------------------------------------------------------------------------------------

HAS_EMAIL = bool(knobs.EMAIL_URL)
DEFAULT_FROM_EMAIL = knobs.EMAIL_FROM
EMAIL_SUBJECT_PREFIX = ""
EMAIL_TIMEOUT = 20
if HAS_EMAIL:
    # EMAIL_BACKEND, EMAIL_HOST and so on; what the url itself says of the time-out wins.
    globals().update(knobs.env.email_url_config(knobs.EMAIL_URL))

# --- log-in by OpenID Connect -----------------------------------------------------------------------------------

OIDC_NAME = ""
if is_oidc_set(knobs.OIDC_ISSUER, knobs.OIDC_CLIENT_ID, knobs.OIDC_CLIENT_SECRET):
    OIDC_NAME = knobs.OIDC_NAME
    INSTALLED_APPS += [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    SOCIALACCOUNT_ADAPTER = "backend.users.oidc_adapter.PeopleAdapter"
    SOCIALACCOUNT_PROVIDERS = oidc_apps(
        knobs.OIDC_ISSUER, knobs.OIDC_CLIENT_ID, knobs.OIDC_CLIENT_SECRET, knobs.OIDC_NAME
    )

# --- database ---------------------------------------------------------------------------------------------------


def database_entry(url: str) -> dict[str, Any]:
    """DATABASES["default"] for a `sqlite:///` or `postgres://` url."""
    entry: dict[str, Any] = knobs.env.db_url_config(url)
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets the web read while a worker writes. IMMEDIATE takes the write lock at BEGIN, where SQLite waits for
        # the busy timeout; a lock taken later in a transaction fails at once with "database is locked".
        entry["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000",
        }
    else:
        entry["CONN_MAX_AGE"] = 60
        entry["CONN_HEALTH_CHECKS"] = True
        entry.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    return entry


DATABASES = {"default": database_entry(knobs.DATABASE_URL or f"sqlite:///{DATA_DIR / 'anymask.sqlite3'}")}

# Counters of requests, which may be lost.
CACHES = {
    "default": knobs.env.cache_url_config(knobs.CACHE_URL)
    if knobs.CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
}

# --- files ------------------------------------------------------------------------------------------------------

STORAGES = {
    "default": storage_entry(knobs.STORAGE_URL, DATA_DIR, knobs.AWS_STORAGE_BUCKET_NAME),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# django-storages' own settings; the storage options above win over them.
IMPORT_PLACES = import_places(knobs.IMPORT_ROOTS, knobs.IMPORT_S3)
AWS_STORAGE_BUCKET_NAME = knobs.AWS_STORAGE_BUCKET_NAME or None
AWS_S3_ENDPOINT_URL = knobs.AWS_S3_ENDPOINT_URL or None
AWS_S3_REGION_NAME = knobs.AWS_S3_REGION_NAME or None
AWS_S3_ACCESS_KEY_ID = knobs.AWS_S3_ACCESS_KEY_ID or None
AWS_S3_SECRET_ACCESS_KEY = knobs.AWS_S3_SECRET_ACCESS_KEY or None
AWS_LOCATION = knobs.AWS_LOCATION

FILE_UPLOAD_PERMISSIONS = 0o644
# Beside the files and not in /tmp, which is small or in memory on many servers. Django checks that it exists.
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "tmp")
(DATA_DIR / "tmp").mkdir(parents=True, exist_ok=True)
DATA_UPLOAD_MAX_NUMBER_FILES = knobs.MAX_REQUEST_FILES
DATA_UPLOAD_MAX_NUMBER_FIELDS = knobs.MAX_REQUEST_FILES + 100
# Bounds what is not a file: JSON bodies (a mask of a very large picture) and form fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024**2

MAX_UPLOAD_BYTES = knobs.MAX_UPLOAD_BYTES
MAX_REQUEST_BYTES = knobs.MAX_REQUEST_BYTES
MAX_IMAGE_PIXELS = knobs.MAX_IMAGE_PIXELS
MAX_ARCHIVE_BYTES = knobs.MAX_ARCHIVE_BYTES
MAX_ARCHIVE_MEMBERS = knobs.MAX_ARCHIVE_MEMBERS
# Who finds what is to be blurred: a class that does what `backend.privacy.detecting.Detector` says.
PRIVACY_DETECTOR = knobs.PRIVACY_DETECTOR
THUMBNAIL_SIZE = 320
# Pictures of more pixels than this are shown at first by a preview with this long side.
PREVIEW_ABOVE_PIXELS = 16_000_000
PREVIEW_SIZE = 2048

STATIC_URL = "/static/"
STATIC_ROOT = None
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
# The files are served from where the build left them: no collectstatic step, no second copy.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
WHITENOISE_MIMETYPES = {
    ".wasm": "application/wasm",
    ".mjs": "text/javascript",
    ".onnx": "application/octet-stream",
}
_HASHED_ASSET = re.compile(r"^/static/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$")


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:
    """True for the bundler's assets, whose name holds a hash of their content."""
    return _HASHED_ASSET.match(url) is not None


# --- queue ------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = knobs.CELERY_BROKER_URL
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.2,
    }
elif CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
    # Rows hold the truth, so a message redelivered early or late does no harm.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"embeddings.embed_queued": {"queue": "gpu"}, "jobs.run_gpu": {"queue": "gpu"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Threads. Embeddings, jobs of either queue and sweeps have a lane of their own each (`workers.lanes`), so that none waits
# for another; a worker with fewer threads makes them take turns.
CELERY_WORKER_CONCURRENCY = 4
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULER = "backend.config.clock:ClockScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# --- embeddings -------------------------------------------------------------------------------------------------

DEVICE = knobs.DEVICE
EMBEDDING_BATCH_SIZE = knobs.EMBEDDING_BATCH_SIZE
EMBEDDING_LEASE_SECONDS = knobs.EMBEDDING_LEASE_SECONDS
EMBEDDING_CLAIM_SECONDS = 1800  # a batch that takes longer hangs: its rows go to another worker
EMBEDDING_MAX_ATTEMPTS = 3
CROP_EMBEDDING_DAYS = 7  # a window that was not asked for in so long is computed again when it is
SWEEP_SECONDS = knobs.SWEEP_SECONDS
MODEL_CACHE_SIZE = knobs.MODEL_CACHE_SIZE
ENCODER_PRECISION = knobs.ENCODER_PRECISION
ENCODER_COMPILE = knobs.ENCODER_COMPILE

# --- work -------------------------------------------------------------------------------------------------------

WORK_LEASE_SECONDS = knobs.WORK_LEASE_SECONDS

# --- webhooks ---------------------------------------------------------------------------------------------------

WEBHOOK_ALLOW_HTTP = knobs.WEBHOOK_ALLOW_HTTP
WEBHOOK_ALLOWED_HOSTS = frozenset(host.lower().rstrip(".") for host in knobs.WEBHOOK_ALLOWED_HOSTS)
WEBHOOK_PORTS = knobs.WEBHOOK_PORTS
WEBHOOK_LEASE_SECONDS = knobs.WEBHOOK_LEASE_SECONDS

# --- jobs -------------------------------------------------------------------------------------------------------

JOB_LEASE_SECONDS = knobs.JOB_LEASE_SECONDS
JOB_SILENCE_SECONDS = (
    1800  # a handler that gives no sign of life for longer hangs: its job goes to another worker
)
JOB_FILE_DAYS = 7
WORKER_BEAT_SECONDS = knobs.WORKER_BEAT_SECONDS

# --- sweeps -----------------------------------------------------------------------------------------------------

# One that waited longer than the next one's turn is of no use. No two have quite the same period: where workers cannot
# keep up, those at the end of a round are dropped, and that must not always be the same ones.
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": name,
        "schedule": knobs.SWEEP_SECONDS * (1 + place / 40),
        "options": {"expires": max(1.0, knobs.SWEEP_SECONDS)},
    }
    for place, name in enumerate(
        (
            "embeddings.sweep",
            "jobs.sweep",
            "work.sweep",
            "webhooks.sweep",
            "tallies.sweep",
            "idempotency.sweep",
            "storage.sweep",
        )
    )
}

# --- API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # First: its challenge makes an anonymous request a 401, which the session scheme cannot express.
        "backend.users.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["backend.users.rates.RateAllows", "backend.projects.access.RoleAllows"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "backend.common.paging.CreationCursorPagination",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "backend.api.problems.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "backend.api.schema.ApiSchema",
    "DEFAULT_THROTTLE_RATES": {
        "api": knobs.API_RATE or None,
        "login": knobs.LOGIN_RATE,
        "mail": knobs.MAIL_RATE,
    },
    # Who is counted: the address the connection came from, or the last one a proxy of ours added. Without this DRF
    # takes the whole X-Forwarded-For as it was sent, and a new one for every guess is a new caller.
    "NUM_PROXIES": 1 if knobs.TRUST_PROXY_HEADERS else 0,
    "EXCEPTION_HANDLER": "backend.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Anymask",
    "DESCRIPTION": "Segment Anything for teams. Every error is `{code, message, extra}` with a stable code.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "GET_LIB_DOC_EXCLUDES": "backend.api.schema.doc_excludes",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # A PATCH body is its own serializer: what it requires (a mask's revision) must stay required.
    "COMPONENT_SPLIT_PATCH": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "EmbeddingState": "backend.embeddings.models.Embedding.State",
        "WorkStatus": "backend.work.models.Status",
        "MaskStage": "backend.annotations.models.Mask.Stage",
        "AttributeKind": "backend.projects.models.LabelAttribute.Kind",
        "JobState": "backend.jobs.states.JobState",
        "JobAction": ["cancel", "retry", "file"],
        "JobLogLevel": "backend.jobs.models.JobLogLine.Level",
        "NotificationKind": "backend.notifications.models.Notification.Kind",
        "MaskCreateOp": ["create"],
        "MaskUpdateOp": ["update"],
        "MaskDeleteOp": ["delete"],
        "MaskTool": "backend.annotations.models.Mask.Tool",
        "OrderHint": "backend.projects.models.OrderHint",
        "ProjectRole": "backend.projects.models.Membership.Role",
        "WorkHold": "backend.work.models.Hold",
        "ConsensusState": "backend.quality.models.ConsensusImage.State",
        "ConsensusWay": "backend.quality.models.ConsensusImage.Way",
        "ProposalStage": "backend.proposals.models.Stage",
        "ProposalState": "backend.proposals.models.ProposalState",
        "ProposalOutcome": "backend.proposals.models.Outcome",
        "ProposalPreset": "backend.proposals.presets.Preset",
        "ImageOrder": "backend.ranking.models.Order",
        "ProposalDecision": "backend.proposals.deciding.Decision",
        "PrivacyKind": "backend.privacy.detecting.KIND_CHOICES",
        "PrivacyOriginals": "backend.privacy.models.ProjectPrivacy.Originals",
        "TokenScope": "backend.users.models.ApiToken.Scope",
        "FirstClick": "backend.fairness.models.FirstClick",
        "TrainingParts": "backend.training.models.Parts",
        "TrainingVerdict": "backend.training.models.Verdict",
        "ModelChangeReason": "backend.training.models.ModelChange.Reason",
        "DeliveryEvent": "backend.webhooks.models.Event",
        "DeliveryState": "backend.webhooks.models.Delivery.State",
        "WebhookEvent": "backend.webhooks.serializers.SUBSCRIBABLE",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.api.schema.add_refusals",
        "backend.api.examples.add_examples",
    ],
}

# --- sessions and transport -------------------------------------------------------------------------------------

SESSION_COOKIE_NAME = "anymask_session"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "backend.api.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if knobs.TRUST_PROXY_HEADERS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "backend.common.request_ids.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}{request}", "style": "{"},
        "json": {"()": "backend.common.log_lines.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": knobs.LOG_FORMAT,
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "anymask": {"level": knobs.LOG_LEVEL},
        "celery": {"level": knobs.LOG_LEVEL},
        # Two lines for every sweep would hide the ones that say something; our own tasks log their outcomes.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        # A broker that is a folder has no host name; kombu warns of it at every connection.
        "kombu.connection": {"level": "ERROR"},
        "django": {"level": "WARNING"},
        # Whoever tries all addresses asks by none of our names: a traceback for each would drown the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # One line per 4xx would drown the log; 5xx are errors and stay.
        "django.request": {"level": "ERROR"},
    },
}
