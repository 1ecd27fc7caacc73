"""Entry point of every Celery process: `celery -A workers.main worker` and `celery -A workers.main beat`.

Importing it loads no torch: beat never needs it, and a worker only with its first picture.
"""

import django

from backend.config.celery import app

django.setup()

from backend.common.jobs import broker_folders_create  # noqa: E402
from workers.tasks import embeddings  # noqa: E402

# The filesystem transport fails on a folder that is missing, also after somebody removed it.
broker_folders_create()

__all__ = ["app", "embeddings"]
