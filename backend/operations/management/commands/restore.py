from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import ApplicationError
from backend.operations.backup.folder import backup_find
from backend.operations.backup.restoring import Line, backup_restore


class Command(BaseCommand):
    help = (
        "Restores database, storage and models from the newest backup in a folder, and compares. Stop web and workers "
        "first. Refuses to when there is something here already."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--backup", default="", metavar="NAME", help="another one than the newest")
        parser.add_argument(
            "--replace-everything", action="store_true", help="what is here now goes: rows and files"
        )

    def handle(self, *args: Any, folder: Path, backup: str, replace_everything: bool, **options: Any) -> None:
        try:
            found = backup_find(folder.expanduser().resolve(), backup)
            restored = backup_restore(found, is_replacing=replace_everything, say=self.stdout.write)
        except ApplicationError as error:
            hint = " (--replace-everything lets it go)" if error.code == "backup.not_empty" else ""
            raise CommandError(f"{error.message} [{error.code}]{hint}") from error
        self._print("table", restored.tables)
        self._print("files", restored.folders)
        if not restored.is_equal:
            raise CommandError("What was restored is not what the backup has: see the lines marked with !.")
        self.stdout.write(
            "Equal. Set SECRET_KEY and the rest of the environment as before, then run `manage.py migrate` and "
            "`manage.py doctor`."
        )

    def _print(self, title: str, lines: list[Line]) -> None:
        self.stdout.write(f"\n  {title:44} {'backup':>10} {'restored':>10}")
        for line in lines:
            mark = " " if line.wanted == line.found else "!"
            self.stdout.write(f"{mark} {line.name:44} {line.wanted:>10} {line.found:>10}")
