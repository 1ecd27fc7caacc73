"""What gunicorn does for the metrics of several web processes: `gunicorn --config python:backend.config.gunicorn ...`.

Without PROMETHEUS_MULTIPROC_DIR it does nothing.
"""

from pathlib import Path
from typing import Any

from backend.config.env import PROMETHEUS_MULTIPROC_DIR


def on_starting(server: Any) -> None:
    """Numbers of an earlier run would be added to this one's."""
    if PROMETHEUS_MULTIPROC_DIR:
        folder = Path(PROMETHEUS_MULTIPROC_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.db"):
            path.unlink(missing_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    """A process that is gone answers nothing now; what it counted stays."""
    if PROMETHEUS_MULTIPROC_DIR:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid, path=PROMETHEUS_MULTIPROC_DIR)
