from backend.common import jobs
from backend.config.celery import app
from backend.work.leases import leases_sweep


@app.task(name=jobs.WORK_SWEEP)
def sweep() -> int:
    """The periodic repair; see `leases_sweep`."""
    return leases_sweep()
