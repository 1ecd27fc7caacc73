"""The commands that a server consists of. `make run`, the images, the compose file, Kubernetes and systemd run these.

Standard library only: `backend.launch` reads this before anything is installed.
"""

from collections.abc import Sequence
from typing import Final

QUEUES: Final = ("gpu", "default")
# What database, models and demo need before the rest starts; what is done already is not done again.
PREPARE: Final = ["python", "-m", "backend.launch", "prepare"]
# Whether there is nothing left to migrate: what waits for `PREPARE` of another machine asks this.
PREPARED: Final = ["python", "manage.py", "migrate", "--check"]
WEB_HEALTH: Final = ["python", "-m", "backend.config.healthcheck"]
WORKER_HEALTH: Final = ["python", "manage.py", "worker_check"]


def web(bind: str) -> list[str]:
    """The web server at `address:port`. `WEB_CONCURRENCY` says how many processes, 1 without it."""
    threads = ["--worker-class", "gthread", "--threads", "8", "--timeout", "120"]
    # By default connections end two seconds after the last answer: often just as a script asks for the next thing.
    more = ["--keep-alive", "75", "--config", "python:backend.config.gunicorn"]
    return ["gunicorn", "backend.config.wsgi:application", "--bind", bind, *threads, *more]


def worker(queues: Sequence[str] = QUEUES, clock: str = "") -> list[str]:
    """A worker of these queues, with a thread for each lane; with a file for it, the clock in the same process group."""
    beat = ["--beat", "--schedule", clock] if clock else []
    pool = ["--pool", "threads", "--concurrency", "4", "--loglevel", "INFO"]
    return ["celery", "-A", "workers.main", "worker", "--queues", ",".join(queues), *pool, *beat]


def clock(schedule: str) -> list[str]:
    """What has the workers sweep; `schedule` is a file of its own. A second one does no harm and no good."""
    beat = ["beat", "--schedule", schedule, "--pidfile=", "--loglevel", "WARNING"]
    return ["celery", "-A", "workers.main", *beat]
