from typing import Any

from django.core.management.base import BaseCommand

from backend.config.env import setting
from backend.config.table import markdown


class Command(BaseCommand):
    help = "Prints every environment variable that is read, as docs/configuration.md shows them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(markdown(setting.declared.values())))
