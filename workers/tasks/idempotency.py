from backend.common import jobs
from backend.config.celery import app
from backend.idempotency.services import keys_sweep


@app.task(name=jobs.IDEMPOTENCY_SWEEP)
def sweep() -> int:
    """Forgets old keys of requests; see `keys_sweep`."""
    return keys_sweep()
