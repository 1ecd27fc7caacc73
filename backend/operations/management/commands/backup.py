from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import ApplicationError
from backend.operations.backup.folder import backups_prune, folder_held
from backend.operations.backup.making import backup_make
from backend.operations.backup.manifest import Manifest
from backend.operations.backup.verifying import backup_check
from backend.operations.findings import examples

_NOT_IN_IT = (
    "Not in it: SECRET_KEY, passwords of database, broker and bucket, and whatever else the environment says. Keep those "
    "apart; without SECRET_KEY people have to log in again. In it: e-mail addresses, hashes of passwords, secrets of "
    "webhooks. Guard the folder as you guard the database."
)


class Command(BaseCommand):
    help = (
        "Writes a backup of database, storage and models into a folder, beside earlier ones: only files that are new are "
        "copied. Safe while the server runs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--verify", action="store_true", help="read all files of the backup again")
        parser.add_argument("--keep", type=_positive, metavar="N", help="remove all but the newest N backups")

    def handle(self, *args: Any, folder: Path, verify: bool, keep: int | None, **options: Any) -> None:
        root = folder.expanduser().resolve()
        try:
            backup = backup_make(root, say=self.stdout.write)
            manifest, _ = backup_check(backup, is_rereading=verify)
            self.stdout.write(
                "verified: all files were read again" if verify else "verified: all files are there"
            )
            if keep:
                with folder_held(root):
                    backups, objects = backups_prune(root, keep=keep)
                self.stdout.write(f"removed: {backups} backups, {objects} files that only they had")
        except ApplicationError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        self._warn(manifest)
        self.stdout.write(f"written: {backup}\n{_NOT_IN_IT}")

    def _warn(self, manifest: Manifest) -> None:
        if manifest.missing:
            self.stderr.write(
                f"{len(manifest.missing)} files that rows name are not in the storage, and so not in the backup: "
                f"{examples(manifest.missing)}. `manage.py doctor` says more."
            )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
