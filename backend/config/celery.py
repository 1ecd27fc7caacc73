"""The Celery app object. The web sends by name through it; `workers.main` registers the tasks on it."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")

# `filesystem://` means our hardened one everywhere in this program.
TRANSPORT_ALIASES["filesystem"] = "backend.common.broker:FolderTransport"

app = Celery("anymask")
app.config_from_object("django.conf:settings", namespace="CELERY")
