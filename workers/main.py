"""`celery -A workers.main worker|beat`: registers the tasks on the app. torch is imported by the first task, not here."""

import django

django.setup()

from backend.common.jobs import broker_folders_create  # noqa: E402 - needs the settings
from backend.config.celery import app  # noqa: E402
from workers.tasks import embeddings  # noqa: E402, F401 - importing registers the tasks

# The filesystem broker refuses to start without its folders, and somebody may have removed them.
broker_folders_create()

__all__ = ["app"]
