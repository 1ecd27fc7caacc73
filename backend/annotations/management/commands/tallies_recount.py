from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backend.annotations.recounting import project_recount
from backend.projects.models import Project


class Command(BaseCommand):
    help = "Counts masks, work and storage of all projects anew. Run it while nobody labels."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("projects", nargs="*", type=int, help="ids; none is all")

    def handle(self, *, projects: list[int], **options: Any) -> None:
        chosen = Project.objects.filter(pk__in=projects) if projects else Project.objects.all()
        for project in chosen.order_by("pk"):
            project_recount(project=project)
            self.stdout.write(f"{project.pk} {project.name}: counted")
