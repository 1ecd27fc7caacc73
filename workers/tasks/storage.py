from backend.common import jobs
from backend.common.storage import parts_sweep
from backend.config.celery import app


@app.task(name=jobs.STORAGE_SWEEP)
def sweep() -> int:
    """The periodic repair; see `parts_sweep`."""
    return parts_sweep()
