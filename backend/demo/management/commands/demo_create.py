from typing import Any

from django.core.management.base import BaseCommand

from backend.demo.services import demo_create


class Command(BaseCommand):
    help = "Makes the demo user and project; harmless when they exist."

    def handle(self, *args: Any, **options: Any) -> None:
        project = demo_create()
        self.stdout.write(f"project {project.pk}: {project.images.count()} photographs")
