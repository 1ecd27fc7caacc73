from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from backend.jobs.workers import is_worker_here_alive


class Command(BaseCommand):
    help = "Fails where no worker of this host gave a sign of life lately: what restarts a worker that hangs asks this."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_alive = is_worker_here_alive()
        except OperationalError as error:
            # Restarting all workers would not bring the database back.
            self.stdout.write(f"the database does not answer, which says nothing of the worker: {error}")
            return
        if not is_alive:
            raise CommandError("no worker of this host gave a sign of life lately")
