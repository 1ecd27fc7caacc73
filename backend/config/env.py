"""Every environment variable is read here, once. Nothing else in `backend` or `workers` looks at `os.environ`.

What is declared is the table of docs/configuration.md, which `manage.py settings_table` prints.
"""

import os
from pathlib import Path
from typing import Final

import environ

from backend.config.variables import ReadBy, Variables

BASE_DIR = Path(__file__).resolve().parents[2]

# Takes addresses of databases, caches and mail servers apart.
env = environ.Env()
setting: Final = Variables(os.environ)


def environment_with(more: dict[str, str]) -> dict[str, str]:
    """The environment of a program started from here: ours, and `more`."""
    return {**os.environ, **more}


# --- which installation this is

DJANGO_SETTINGS_MODULE = setting.text(
    "DJANGO_SETTINGS_MODULE",
    "backend.config.settings.development",
    "`backend.config.settings.production` on a server: it makes up no secret and assumes HTTPS.",
)
DEBUG = setting.switch(
    "DEBUG", False, "Django's pages for errors; development settings only.", read_by=ReadBy.WEB
)
DEMO = setting.switch_if_given(
    "DEMO",
    "A demo user whose password everybody knows, and a demo project.",
    shown="on in development, off in production",
)
SECRET_KEY = setting.text(
    "SECRET_KEY",
    "",
    "Signs sessions and links; 50 characters or more, the same for all processes.",
    is_secret=True,
    shown="required in production, else made once in `DATA_DIR`",
)
ALLOWED_HOSTS = setting.names(
    "ALLOWED_HOSTS",
    "Host names this server answers for; mailed links carry the one that was asked for.",
    shown="required in production",
)
CSRF_TRUSTED_ORIGINS = setting.names(
    "CSRF_TRUSTED_ORIGINS", "Other origins whose pages may write, with their scheme.", read_by=ReadBy.WEB
)
HTTPS = setting.switch(
    "HTTPS",
    True,
    "Cookies by HTTPS only, plain HTTP is redirected; production settings only.",
    read_by=ReadBy.WEB,
)
HSTS_SECONDS = setting.whole(
    "HSTS_SECONDS",
    3600,
    "For how long browsers are to ask by HTTPS alone (HSTS), 0 for not at all; production settings with `HTTPS` only.",
    at_least=0,
    read_by=ReadBy.WEB,
)
TRUST_PROXY_HEADERS = setting.switch(
    "TRUST_PROXY_HEADERS",
    False,
    "Behind one proxy that sets `X-Forwarded-For`, `-Proto` and `-Host`: what it says of callers is believed.",
    read_by=ReadBy.WEB,
)
LOG_LEVEL = setting.choice(
    "LOG_LEVEL", "INFO", "From which level on lines are logged.", among=("DEBUG", "INFO", "WARNING", "ERROR")
)
LOG_FORMAT = setting.choice("LOG_FORMAT", "line", "`json`: an object a line.", among=("line", "json"))
METRICS_TOKEN = setting.text(
    "METRICS_TOKEN",
    "",
    "Who may ask for /metrics: `Authorization: Bearer <token>`.",
    is_secret=True,
    shown="nobody may",
    read_by=ReadBy.WEB,
)
PROMETHEUS_MULTIPROC_DIR = setting.text(
    "PROMETHEUS_MULTIPROC_DIR",
    "",
    "Where several web processes keep their numbers; emptied at the start.",
    shown="each process tells its own",
    read_by=ReadBy.WEB,
)

# --- where things lie

DATA_DIR = setting.folder(
    "DATA_DIR",
    BASE_DIR / "data",
    "Uploads on their way, and whatever of database, files, queue and models lies nowhere else.",
    shown="`./data`",
)
MODELS_DIR = setting.folder(
    "MODELS_DIR",
    DATA_DIR / "models",
    "Artifacts of models; workers of the queue `gpu` share it, or lack what others trained.",
    shown="`$DATA_DIR/models`",
)
FRONTEND_DIST = setting.folder(
    "FRONTEND_DIST",
    BASE_DIR / "frontend" / "dist",
    "The built front end.",
    shown="`./frontend/dist`",
    read_by=ReadBy.WEB,
)
DATABASE_URL = setting.url(
    "DATABASE_URL",
    "",
    "`postgres://user:password@host/anymask`.",
    schemes=("sqlite", "postgres", "postgresql"),
    shown="SQLite in `DATA_DIR`",
)
CELERY_BROKER_URL = setting.url(
    "CELERY_BROKER_URL",
    "filesystem://",
    "`redis://host:6379/0` or `amqp://user:password@host//`; loses nothing when it is lost.",
    schemes=("filesystem", "redis", "rediss", "sentinel", "amqp", "amqps", "memory"),
    shown="a folder in `DATA_DIR`",
)
CACHE_URL = setting.url(
    "CACHE_URL",
    "",
    "`redis://host:6379/1`, where requests of all web processes are counted together.",
    schemes=("redis", "rediss", "locmemcache", "filecache", "dbcache", "dummycache"),
    read_by=ReadBy.WEB,
    shown="memory of each process",
)
STORAGE_URL = setting.text(
    "STORAGE_URL",
    "",
    "Pictures, embeddings, exports: a folder, or `s3://bucket/prefix?endpoint_url=https://minio.example`.",
    is_secret=True,
    shown="`$DATA_DIR/files`",
)
AWS_STORAGE_BUCKET_NAME = setting.text(
    "AWS_STORAGE_BUCKET_NAME", "", "The bucket, where `STORAGE_URL` names none."
)
AWS_S3_ENDPOINT_URL = setting.text("AWS_S3_ENDPOINT_URL", "", "The bucket's server, if it is not Amazon's.")
AWS_S3_REGION_NAME = setting.text("AWS_S3_REGION_NAME", "", "The bucket's region.")
AWS_LOCATION = setting.text("AWS_LOCATION", "", "A prefix in the bucket.")
AWS_ACCESS_KEY_ID = setting.text(
    "AWS_ACCESS_KEY_ID", "", "The bucket's key, under the name that other tools know."
)
AWS_SECRET_ACCESS_KEY = setting.text(
    "AWS_SECRET_ACCESS_KEY", "", "Its secret, under the name that other tools know.", is_secret=True
)
AWS_S3_ACCESS_KEY_ID = setting.text(
    "AWS_S3_ACCESS_KEY_ID", AWS_ACCESS_KEY_ID, "The bucket's key.", shown="`AWS_ACCESS_KEY_ID`"
)
AWS_S3_SECRET_ACCESS_KEY = setting.text(
    "AWS_S3_SECRET_ACCESS_KEY",
    AWS_SECRET_ACCESS_KEY,
    "Its secret.",
    is_secret=True,
    shown="`AWS_SECRET_ACCESS_KEY`",
)
IMPORT_ROOTS = setting.names(
    "IMPORT_ROOTS", "Folders of this machine that data sets may be imported from, absolute."
)
IMPORT_S3 = setting.names(
    "IMPORT_S3", "Buckets that data sets may be imported from, written as `STORAGE_URL`.", is_secret=True
)

# --- people

LOGIN_RATE = setting.rate(
    "LOGIN_RATE",
    "60/min",
    "Attempts to log in, of one address, and at one account from all addresses together.",
)
API_RATE = setting.rate(
    "API_RATE",
    # Hovering asks for nothing: hundreds a minute are a fast annotator, thousands a script.
    "6000/min",
    "Requests of one person, or of one address without log-in; set but empty for no limit.",
    may_be_off=True,
)
MAIL_RATE = setting.rate("MAIL_RATE", "20/hour", "Mails that one person or address may cause.")
EMAIL_URL = setting.url(
    "EMAIL_URL",
    "",
    "`smtp+tls://user:password@host:587`, for invitations and forgotten passwords.",
    schemes=("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail"),
    read_by=ReadBy.WEB,
    shown="no mail",
)
EMAIL_FROM = setting.text("EMAIL_FROM", "anymask@localhost", "Who mails come from.", read_by=ReadBy.WEB)
OIDC_ISSUER = setting.text(
    "OIDC_ISSUER",
    "",
    "A provider of OpenID Connect, `https://id.example.org/realms/team`; with the next two, or none of them.",
    read_by=ReadBy.WEB,
    shown="no log-in elsewhere",
).rstrip("/")
OIDC_CLIENT_ID = setting.text("OIDC_CLIENT_ID", "", "This server's name there.", read_by=ReadBy.WEB)
OIDC_CLIENT_SECRET = setting.text(
    "OIDC_CLIENT_SECRET", "", "This server's secret there.", read_by=ReadBy.WEB, is_secret=True
)
OIDC_NAME = setting.text("OIDC_NAME", "OpenID Connect", "What its button is called.", read_by=ReadBy.WEB)

# --- uploads: a refused file answers with a code, never with a crash

MAX_UPLOAD_BYTES = setting.whole("MAX_UPLOAD_BYTES", 256 * 1024**2, "The largest file.")
MAX_REQUEST_BYTES = setting.whole(
    "MAX_REQUEST_BYTES", 4 * 1024**3, "The largest request.", read_by=ReadBy.WEB
)
MAX_REQUEST_FILES = setting.whole(
    "MAX_REQUEST_FILES", 5000, "The most files in one request.", read_by=ReadBy.WEB
)
MAX_IMAGE_PIXELS = setting.whole("MAX_IMAGE_PIXELS", 200_000_000, "The largest picture.")
MAX_ARCHIVE_BYTES = setting.whole("MAX_ARCHIVE_BYTES", 8 * 1024**3, "The most a zip may unpack to.")
MAX_ARCHIVE_MEMBERS = setting.whole("MAX_ARCHIVE_MEMBERS", 20_000, "The most files in a zip.")
PRIVACY_DETECTOR = setting.text(
    "PRIVACY_DETECTOR",
    "backend.privacy.cascades.CascadeDetector",
    "Who finds faces and licence plates where a project wants them blurred: the dotted path of a class.",
    pattern=r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+",
)

# --- work and workers

DEVICE = setting.text(
    "DEVICE",
    "cpu",
    "What models run on: `cpu`, `cuda`, `cuda:1`, `mps`.",
    pattern=r"cpu|mps|cuda(:[0-9]+)?",
    read_by=ReadBy.WORKER,
)
OMP_NUM_THREADS = setting.text(
    "OMP_NUM_THREADS",
    "",
    "Threads that one computation takes; set it where a container may use fewer cores than the machine has.",
    pattern=r"[1-9][0-9]*(,[1-9][0-9]*)*",
    shown="one for each core",
)
WEB_CONCURRENCY = setting.whole(
    "WEB_CONCURRENCY", 1, "Web processes, with 8 threads each; gunicorn reads it.", read_by=ReadBy.WEB
)
MODEL_CACHE_SIZE = setting.whole(
    "MODEL_CACHE_SIZE",
    1,
    "The most models that a worker keeps in memory, fewer where memory is short.",
    read_by=ReadBy.WORKER,
)
ENCODER_PRECISION = setting.choice(
    "ENCODER_PRECISION",
    "auto",
    "What image encoders compute in; `auto`: bfloat16 where the device multiplies it.",
    among=("auto", "float32", "bfloat16"),
    read_by=ReadBy.WORKER,
)
ENCODER_COMPILE = setting.choice(
    "ENCODER_COMPILE",
    "off",
    "Image encoders are compiled when they are loaded (minutes, a C++ compiler); `reduce-overhead`: CUDA graphs.",
    among=("off", "default", "reduce-overhead"),
    read_by=ReadBy.WORKER,
)
EMBEDDING_BATCH_SIZE = setting.whole(
    "EMBEDDING_BATCH_SIZE",
    4,
    "Images embedded at once; on a processor fewer where they are large.",
    read_by=ReadBy.WORKER,
)
EMBEDDING_LEASE_SECONDS = setting.whole(
    "EMBEDDING_LEASE_SECONDS",
    60,
    "How long images stay with a worker nothing is heard of.",
    read_by=ReadBy.WORKER,
)
JOB_LEASE_SECONDS = setting.whole("JOB_LEASE_SECONDS", 60, "The same for jobs.", read_by=ReadBy.WORKER)
WORKER_BEAT_SECONDS = setting.number("WORKER_BEAT_SECONDS", 5.0, "How often workers give a sign of life.")
SWEEP_SECONDS = setting.number(
    "SWEEP_SECONDS", 10.0, "How often tables are looked through for what was lost."
)
WORK_LEASE_SECONDS = setting.whole(
    "WORK_LEASE_SECONDS", 600, "How long an image stays with somebody who gives no sign of life."
)

# --- webhooks: to the public internet, by https; hosts inside this network are opened one by one

WEBHOOK_ALLOWED_HOSTS = setting.names(
    "WEBHOOK_ALLOWED_HOSTS", "Hosts inside this network that webhooks may lead to, on any port."
)
WEBHOOK_ALLOW_HTTP = setting.switch("WEBHOOK_ALLOW_HTTP", False, "Webhooks by plain HTTP.")
WEBHOOK_PORTS = setting.whole_numbers(
    "WEBHOOK_PORTS", (443, 8443, 80, 8080), "Ports that webhooks may lead to.", at_most=65535
)
WEBHOOK_LEASE_SECONDS = setting.whole(
    "WEBHOOK_LEASE_SECONDS",
    60,  # several times what a try may take
    "How long a delivery stays with a worker nothing is heard of.",
    read_by=ReadBy.WORKER,
)

# --- `make run`, which reads them itself: nothing is installed yet when it starts

PORT = setting.whole(
    "PORT",
    8000,
    "Where the web server of `make run` listens, and where the check of its health asks.",
    at_most=65535,
    read_by=ReadBy.LAUNCH,
)
BIND = setting.text("BIND", "127.0.0.1", "On which address.", read_by=ReadBy.LAUNCH)
