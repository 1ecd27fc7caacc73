from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User


class Command(BaseCommand):
    help = "Makes a person a member of a project, or changes the role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", type=int, help="id of the project")
        parser.add_argument("username")
        parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.ANNOTATOR)

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(pk=options["project"]).first()
        user = User.objects.filter(username=options["username"]).first()
        if project is None or user is None:
            raise CommandError("There is no such project." if project is None else "There is no such person.")
        membership = membership_set(project=project, user=user, role=Membership.Role(options["role"]))
        self.stdout.write(str(membership))
