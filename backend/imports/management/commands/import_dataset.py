import uuid
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backend.common.errors import ApplicationError
from backend.formats.reading import Source
from backend.formats.registry import READ_FORMATS
from backend.formats.sources import FolderSource, JoinedSource, ZipSource
from backend.images.archives import archive_opened
from backend.imports.applying import Import
from backend.imports.drafts import Labels
from backend.imports.masks import Policy
from backend.imports.matching import Matcher
from backend.imports.places import place_opened
from backend.imports.survey import AUTO, format_found
from backend.projects.models import Membership, Project
from backend.projects.services import project_create
from backend.users.models import User


class Command(BaseCommand):
    help = "Brings a data set, a zip or a folder, into a project: pictures, labels and masks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="the project's id, or with --create the new one's name")
        parser.add_argument("--format", default=AUTO, choices=[AUTO, *sorted(READ_FORMATS)])
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--path", type=Path, help="a zip or a folder")
        where.add_argument("--place", help="a folder of IMPORT_ROOTS or IMPORT_S3, as the dialog shows it")
        parser.add_argument("--images", type=Path, help="another folder with its pictures")
        parser.add_argument("--create", action="store_true", help="make a project of that name")
        parser.add_argument("--user", help="whose masks they are; an owner of the project without it")
        parser.add_argument(
            "--policy",
            default=Policy.SKIP.value,
            choices=[policy.value for policy in Policy],
            help="what becomes of images that have masks already",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["user"])
        project, actor = self._project(options, user)
        try:
            with ExitStack() as stack:
                source = _source(options["path"], options["place"], options["images"], stack)
                name, _ = format_found(source, Matcher(project, source), options["format"], lambda: None)
                work = Import(
                    project=project,
                    actor=actor,
                    source=source,
                    format=name,
                    labels=Labels(project, actor, {}),
                    policy=Policy(options["policy"]),
                    run_id=uuid.uuid4(),
                    holding=transaction.atomic,
                    progress=lambda done: None,
                )
                result = work.apply()
        except ApplicationError as error:
            raise CommandError(f"{error.message} ({error.code})") from error
        for problem in work.reading.problems:
            self.stderr.write(f"{problem.path} {problem.where}: {problem.message} ({problem.code})")
        pictures, masks = result["pictures"], result["masks"]
        self.stdout.write(
            f"Project {project.pk}, read as {name}: {pictures['new']} new pictures, {pictures['matched']} matched, "
            f"{pictures['missing']} missing, {masks['created']} new masks, {masks['replaced']} replaced, "
            f"{masks['skipped']} left out, {work.reading.problem_count} problems."
        )

    def _user(self, name: str | None) -> User | None:
        if name is None:
            return None
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user {name}.")
        return user

    def _project(self, options: dict[str, Any], user: User | None) -> tuple[Project, User]:
        if options["create"]:
            if user is None:
                raise CommandError("--create needs --user: the owner of the new project.")
            return project_create(owner=user, name=options["project"]), user
        project = (
            Project.objects.filter(pk=int(options["project"])).first()
            if options["project"].isdigit()
            else None
        )
        if project is None:
            raise CommandError(f"There is no project {options['project']}.")
        owners = Membership.objects.filter(project=project, role=Membership.Role.OWNER).order_by("pk")
        return project, user or owners.select_related("user")[0].user


def _source(path: Path | None, place: str | None, images: Path | None, stack: ExitStack) -> Source:
    """Raises CommandError where there is nothing, and what `archive_opened` and `place_opened` raise."""
    for wanted in filter(None, (path, images)):
        if not wanted.exists():
            raise CommandError(f"There is no {wanted}.")
    source: Source
    if path is None:
        source = place_opened(place or "")
    elif path.is_dir():
        source = FolderSource(path)
    else:
        source = ZipSource(stack.enter_context(archive_opened(stack.enter_context(path.open("rb")))))
    return JoinedSource([source, FolderSource(images)]) if images else source
