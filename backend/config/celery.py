"""The Celery app object. The web sends by name through it; `workers.main` registers the tasks on it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")

app = Celery("anymask")
app.config_from_object("django.conf:settings", namespace="CELERY")
