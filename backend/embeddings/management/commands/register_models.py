from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import ApplicationError
from backend.embeddings.models import ModelVersion
from backend.embeddings.registration import (
    artifact_folders,
    model_version_register,
    model_version_set_default,
)


class Command(BaseCommand):
    help = "Registers every model artifact in MODELS_DIR; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--default", metavar="NAME", help="model new projects start with")
        parser.add_argument("--models-dir", type=Path, default=None, help="another folder than MODELS_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for folder in artifact_folders(options["models_dir"] or settings.MODELS_DIR):
                version, is_new = model_version_register(folder=folder)
                self.stdout.write(f"{version} {'registered' if is_new else 'known'}")
            if options["default"]:
                self.stdout.write(f"{model_version_set_default(name=options['default'])} is the default")
            elif not ModelVersion.objects.filter(is_default=True).exists():
                self._choose_default()
        except ApplicationError as error:
            raise CommandError(error.message) from error

    def _choose_default(self) -> None:
        """The only model there is needs no flag; among several nobody should have to guess."""
        names = set(ModelVersion.objects.values_list("name", flat=True))
        if len(names) == 1:
            self.stdout.write(f"{model_version_set_default(name=names.pop())} is the default")
        else:
            self.stderr.write(f"No default model: choose with --default out of {sorted(names) or 'none'}.")
