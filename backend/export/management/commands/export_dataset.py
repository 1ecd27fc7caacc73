from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import ApplicationError
from backend.export.dataset import project_dataset
from backend.export.jobs import archive_check
from backend.export.serializers import selection_of
from backend.formats.registry import FORMATS, dataset_write, format_get
from backend.projects.models import Project


class Command(BaseCommand):
    help = "Writes a project, or a part of it, as a zip in one of the formats."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", type=int, help="the project's id, as its address shows it")
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
        parser.add_argument("--out", type=Path, required=True, help="the zip to write")
        parser.add_argument("--pictures", action="store_true", help="the photographs too")
        parser.add_argument(
            "--unlabelled", choices=("skip", "include"), help="masks that are to be labelled later"
        )
        parser.add_argument(
            "--tag", dest="tags", type=int, nargs="+", help="of images with any of these tags only, by id"
        )
        parser.add_argument("--status", dest="statuses", nargs="+", help="of images in these states only")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}.")
        wanted = ("format", "pictures", "unlabelled", "statuses", "tags")
        params = {name: options[name] for name in wanted if options[name] is not None}
        try:
            checked = archive_check(project, None, params)
            dataset = project_dataset(
                project=project,
                selection=selection_of(checked, viewer=None),
                has_pictures=checked["pictures"],
            )
            # Beside it first: what is there is a whole export, or that of before.
            part = options["out"].with_name(options["out"].name + ".part")
            with part.open("w+b") as file:
                losses = dataset_write(dataset, format_get(checked["format"]), file)
            part.replace(options["out"])
        except ApplicationError as error:
            raise CommandError(f"{error.message} ({error.code})") from error
        self.stdout.write(
            f"{losses.objects} masks on {dataset.picture_count} images, {losses.changed} changed, "
            f"mean IoU {losses.mean_iou:.6f}: {options['out']}"
        )
