"""`celery -A workers.main worker|beat`: registers the tasks on the app. torch is imported by the first task, not here."""

import django

django.setup()

from backend.config.celery import app  # noqa: E402 - needs the settings
from workers import heartbeat  # noqa: E402, F401 - importing connects it to Celery's signals
from workers.tasks import embeddings, jobs, tallies, work  # noqa: E402, F401 - importing registers the tasks

__all__ = ["app"]
