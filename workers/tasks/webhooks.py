from django.utils import timezone

from backend.common import jobs
from backend.config.celery import app
from backend.webhooks.deliveries import deliveries_due, deliveries_send, deliveries_sweep, delivery_claim


@app.task(name=jobs.WEBHOOKS_DELIVER)
def deliver() -> int:
    """Tries a few of the deliveries that are due and rings again while there are more; how many it took."""
    claim, deliveries = delivery_claim()
    deliveries_send(claim=claim, deliveries=deliveries)
    if deliveries and deliveries_due(now=timezone.now()).exists():
        jobs.enqueue(jobs.WEBHOOKS_DELIVER)
    return len(deliveries)


@app.task(name=jobs.WEBHOOKS_SWEEP)
def sweep() -> dict[str, int]:
    """The periodic repair; see `deliveries_sweep`."""
    return deliveries_sweep()
