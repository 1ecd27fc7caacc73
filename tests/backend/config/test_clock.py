"""Celery's clock goes on when the machine's is set back."""

from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from celery.beat import PersistentScheduler
from django.conf import settings

from backend.config.clock import ClockScheduler

SECONDS = 10.0


def scheduler(kind: type[PersistentScheduler], folder: Path) -> PersistentScheduler:
    app = Celery("clock", broker="memory://")
    app.conf.beat_schedule = {name: {"task": name, "schedule": SECONDS} for name in ("a", "b")}
    made = kind(app, schedule_filename=str(folder / kind.__name__))
    made.tick()
    for entry in made.schedule.values():
        entry.last_run_at = app.now() + timedelta(hours=1)
    made.populate_heap()
    return made


@pytest.mark.parametrize(
    ("kind", "is_soon"),
    [(ClockScheduler, True), (PersistentScheduler, False)],
    ids=["ours", "celery's"],
)
def test_an_hour_back_costs_one_turn(kind: type[PersistentScheduler], is_soon: bool, tmp_path: Path) -> None:
    made = scheduler(kind, tmp_path)
    seconds = made.tick()
    made.close()
    # Celery's own would wait for the hour: ours is needed for as long as it does.
    assert (seconds <= SECONDS) == is_soon, seconds


def test_no_sweep_is_always_the_last_of_a_round() -> None:
    """With one period for all, a worker that cannot keep up never came to those at the end."""
    periods = [entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert len(set(periods)) == len(periods)
    assert settings.SWEEP_SECONDS <= min(periods) < max(periods) < 1.2 * settings.SWEEP_SECONDS
