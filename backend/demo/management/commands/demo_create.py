from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import ApplicationError
from backend.demo.services import PASSWORD, USERNAME, demo_create


class Command(BaseCommand):
    help = "Makes the demo user and the demo project; safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo has a known password; it is made only where DEMO is on.")
        try:
            project = demo_create()
        except ApplicationError as error:
            raise CommandError(error.message) from error
        count = project.images.count()
        self.stdout.write(f"{project.name}: {count} images, log in as {USERNAME} / {PASSWORD}")
