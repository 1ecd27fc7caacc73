"""Which images a release is made of, and what they are called in it."""

import random
from dataclasses import dataclass
from typing import Any

from backend.common.errors import Conflict, InvalidInput
from backend.export.numbering import numbers_give
from backend.export.rows import Rows
from backend.export.selection import Selection
from backend.formats.records import UNLABELLED
from backend.projects.models import Project
from backend.quality.check_models import QualityCheck
from backend.quality.checking import CheckFigures, figures_of
from backend.users.models import User


@dataclass(frozen=True)
class Released:
    """The images by key in the order of their ids, which are `ids`; `rows` reads them with their masks."""

    ids: dict[int, int]
    rows: Rows
    label_names: dict[int, str]
    has_seed: bool


def selection_of(params: dict[str, Any], *, viewer: User | None) -> Selection:
    """SA-1B's masks have no names: those that are to be labelled later are among them."""
    return Selection(statuses=tuple(params["statuses"]), includes_unlabelled=True, viewer=viewer)


def released(*, project: Project, params: dict[str, Any], viewer: User) -> Released:
    """What a release is made of is decided here: what comes later is left out, and so is what goes meanwhile.

    Raises Conflict `release.nothing`.
    """
    selection = selection_of(params, viewer=viewer)
    numbers_give(project=project)
    numbers = dict(
        selection.images(project).values_list("pk", "export_number__number").order_by("export_number__number")
    )
    nothing_refused(len(numbers))
    seed = params.get("seed")
    if seed is not None:
        drawn = list(numbers)
        random.Random(seed).shuffle(drawn)  # nosec B311 # no secret
        numbers = {pk: place for place, pk in enumerate(drawn, start=1)}
    labels = dict(project.labels.values_list("category_id", "name"))
    names = {pk: f"sa_{number}.jpg" for pk, number in numbers.items()}
    rows = Rows(project, selection, names, {}, {*labels, UNLABELLED.category_id}, True)
    return Released(numbers, rows, labels, seed is not None)


def nothing_refused(images: int) -> None:
    """Raises Conflict `release.nothing` for a release without images."""
    if not images:
        raise Conflict("There is no image with this status: accept some first.", "release.nothing")


def check_cited(*, project: Project, check_id: int | None) -> tuple[QualityCheck, CheckFigures] | None:
    """The check with its figures; None where none is named. Raises InvalidInput `release.check` for one that is not the
    project's, not closed, or of which nothing was submitted."""
    if check_id is None:
        return None
    found = QualityCheck.objects.filter(project=project, pk=check_id, closed_at__isnull=False).first()
    figures = figures_of(checks=[found])[found.pk] if found else None
    if found is None or figures is None:
        raise InvalidInput(
            "A release cites a quality check of its project that is closed and of which something was submitted.",
            "release.check",
        )
    return found, figures
