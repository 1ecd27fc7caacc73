"""A server as a team has one: two web processes, PostgreSQL and Redis, a model of its own; nothing of it runs yet."""

import subprocess
import sys
from pathlib import Path

from backend.launch.layout import ROOT
from tests.workers.processes import System


def team_server(folder: Path, model: str, *, database: str, redis: str, **environment: str) -> System:
    """In `folder`; the database is empty, or what was left of it in the same folder."""
    models, data = folder / "models", folder / "data"
    if not models.exists():
        export = ["-m", "models.cli.export_decoder", "--model", model, "--output", str(models)]
        subprocess.run([sys.executable, *export], cwd=ROOT, check=True, capture_output=True)
    data.mkdir(exist_ok=True)
    for log in data.glob("*.log"):
        log.unlink()
    knobs = {
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": redis,
        "CACHE_URL": redis,
        "WEB_CONCURRENCY": "2",
        "LOGIN_RATE": "1000/min",
        "EMBEDDING_LEASE_SECONDS": "60",
        **environment,
    }
    system = System(data, models, **knobs)
    system.manage("migrate", "--no-input")
    system.manage("register_models", "--default", model)
    system.manage("demo_create")
    return system
