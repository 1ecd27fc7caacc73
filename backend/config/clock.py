"""Celery's clock, made to outlive that the machine's clock is set back.

As it comes, it waits until the time of the last turn has come again: an hour without sweeps, where the clock was set back
by an hour, and with every lost worker's work in its hands.
"""

import logging
from typing import Any

from celery.beat import PersistentScheduler

logger = logging.getLogger("anymask.clock")


class ClockScheduler(PersistentScheduler):
    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        if ahead:
            logger.warning("clock_set_back entries=%s", len(ahead))
            for entry in ahead:
                entry.last_run_at = now
            self.populate_heap()
        return float(super().tick(*args, **kwargs))
