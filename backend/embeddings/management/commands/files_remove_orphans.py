from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from backend.common.storage import files_delete
from backend.embeddings.orphans import orphans


class Command(BaseCommand):
    help = "Removes files that no row names, as killed processes leave them. Safe while the server runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=float,
            default=1.0,
            metavar="DAYS",
            help="leave files younger than this alone: their rows may be on their way (default 1)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *args: Any, older_than: float, dry_run: bool, **options: Any) -> None:
        count = 0
        for key in orphans(before=timezone.now() - timedelta(days=older_than)):
            count += 1
            self.stdout.write(key)
            if not dry_run:
                files_delete([key])
        self.stdout.write(f"{count} files {'would be removed' if dry_run else 'removed'}")
