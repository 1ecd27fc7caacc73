"""`celery -A workers.main worker|beat`: registers the tasks on the app. torch is imported by the first task, not here."""

import django

from backend.config.refusal import refusals_in_one_line

with refusals_in_one_line():
    django.setup()

from backend.config.celery import app
from workers import (
    evaluating,
    fairness,
    heartbeat,  # noqa: F401 - importing connects it to Celery's signals
    likeness,
    proposing,
    ranking,
    training,
)
from workers.tasks import (
    embeddings,  # noqa: F401
    idempotency,  # noqa: F401
    jobs,  # noqa: F401
    storage,  # noqa: F401
    tallies,  # noqa: F401
    webhooks,  # noqa: F401
    work,  # noqa: F401
)

training.subscribe()
proposing.subscribe()
fairness.subscribe()
evaluating.subscribe()
likeness.subscribe()
ranking.subscribe()

__all__ = ["app"]
