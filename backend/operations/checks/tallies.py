from typing import Final

from django.db import OperationalError

from backend.annotations.recounting import project_difference, project_recount
from backend.operations.findings import Check, Finding, examples, failed, ok
from backend.operations.snapshots import repeatable_read, snapshot
from backend.projects.models import Project

_TRIES: Final = 5


def look() -> Finding:
    differing = [f"{project.pk} {project.name}" for project in _differing()]
    if differing:
        return failed(
            f"the sums of {len(differing)} projects are not what counting says: {examples(differing)}",
            count=len(differing),
            advice="run `manage.py tallies_recount` while nobody labels, or --repair",
        )
    return ok("sums are what counting says")


def mend() -> str:
    """Counts anew. Nothing that people do meanwhile is lost: it is seen whole or not at all, and its change of the sums
    is drawn in later."""
    projects = _differing()
    for project in projects:
        for left in reversed(range(_TRIES)):
            try:
                with repeatable_read():
                    project_recount(project=project)
                break
            except OperationalError:
                # Somebody changed a row this one was about to change.
                if not left:
                    raise
    return f"{len(projects)} projects counted anew"


def _differing() -> list[Project]:
    differing = []
    for project in Project.objects.order_by("pk"):
        with snapshot():
            if project_difference(project=project):
                differing.append(project)
    return differing


CHECK = Check("tallies", look, mend)
