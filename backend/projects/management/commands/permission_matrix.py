import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from backend.projects.models import Membership
from backend.projects.permissions import Cell, matrix


class Command(BaseCommand):
    help = "Prints who may do what in a project: every role, method and endpoint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object per cell, in a list")

    def handle(self, *args: Any, **options: Any) -> None:
        cells = list(matrix())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(cell) for cell in cells], indent=1))
        else:
            self.stdout.write("\n".join(markdown(cells)))


def markdown(cells: list[Cell]) -> list[str]:
    """The cells as a table, a row for each endpoint, method and relation, a column for each role."""
    roles = list(Membership.Role)
    rows: dict[tuple[str, str], dict[str, bool]] = {}
    for cell in cells:
        relation = "" if cell.relation == "any" else f" ({cell.relation})"
        rows.setdefault((cell.endpoint, cell.method + relation), {})[cell.role] = cell.allowed
    head = ["| endpoint | method | " + " | ".join(roles) + " |", "|---" * (2 + len(roles)) + "|"]
    return head + [
        f"| `{endpoint}` | {method} | " + " | ".join("yes" if row[role] else "" for role in roles) + " |"
        for (endpoint, method), row in rows.items()
    ]
