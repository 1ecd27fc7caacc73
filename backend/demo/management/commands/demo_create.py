from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.demo.services import demo_create


class Command(BaseCommand):
    help = "Makes the demo user and project; harmless when they exist. Does nothing where DEMO is off."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            # Its password is known to everybody: never on a server somebody configured otherwise.
            self.stdout.write("DEMO is off: no demo user, no demo project")
            return
        project = demo_create()
        self.stdout.write(f"project {project.pk}: {project.images.count()} photographs")
