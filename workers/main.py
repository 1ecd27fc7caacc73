"""Entry point of every Celery process: `celery -A workers.main worker` and `celery -A workers.main beat`.

Importing it loads no torch: beat never needs it, and a worker only with its first picture.
"""

import django

from backend.config.celery import app

django.setup()

from workers.tasks import embeddings  # noqa: E402

__all__ = ["app", "embeddings"]
