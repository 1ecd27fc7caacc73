from backend.common import jobs
from backend.config.celery import app
from backend.tallies.services import tallies_sweep


@app.task(name=jobs.TALLIES_SWEEP)
def sweep() -> int:
    """Draws changes into their sums; see `tallies_sweep`."""
    return tallies_sweep()
