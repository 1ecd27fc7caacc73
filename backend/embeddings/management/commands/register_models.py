from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import ApplicationError
from backend.embeddings.models import ModelVersion
from backend.embeddings.registration import (
    manifests_find,
    model_version_make_default,
    model_version_register,
)


class Command(BaseCommand):
    help = "Registers every model artifact below MODELS_DIR; harmless when they are registered already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--default", metavar="NAME", help="new projects use the newest version of this model"
        )

    def handle(self, *args: Any, default: str | None, **options: Any) -> None:
        newest: dict[str, ModelVersion] = {}
        refusals = []
        for path in manifests_find(models_dir=settings.MODELS_DIR):
            try:
                version, is_new = model_version_register(manifest_path=path)
            except ApplicationError as error:
                refusals.append(f"{error.message} [{error.code}]")
                continue
            # What was retrained here is for the projects that promote it.
            if "retrained_from" not in version.manifest.get("metrics", {}):
                newest[version.name] = version
            self.stdout.write(f"{version} {'registered' if is_new else 'known'}")
        if default is not None and default not in newest:
            refusals.append(f"No artifact of a model named {default!r} in {settings.MODELS_DIR}.")
        elif default is not None:
            self._make_default(newest[default])
        elif not ModelVersion.objects.filter(is_default=True).exists():
            # The only model there is needs no flag; among several nobody should have to guess.
            if len(newest) == 1:
                self._make_default(next(iter(newest.values())))
            else:
                names = ", ".join(sorted(newest)) or "none"
                self.stderr.write(f"No default model: choose one with --default. There are: {names}.")
        if refusals:
            raise CommandError("\n".join(refusals))

    def _make_default(self, version: ModelVersion) -> None:
        model_version_make_default(model_version=version)
        self.stdout.write(f"{version} is the default")
