"""What rows are called: of days, people, labels, stages, models, sizes and projects."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from math import floor
from typing import Any, Final

from django.db.models import Model

from backend.annotations.figures import size_edges
from backend.annotations.models import Mask
from backend.embeddings.models import ModelVersion
from backend.projects.models import Label, Project
from backend.users.models import User


class Dimension(StrEnum):
    """What rows may be about."""

    DAY = "day"
    # By its Monday.
    WEEK = "week"
    PERSON = "person"
    LABEL = "label"
    STAGE = "stage"
    MODEL = "model"
    SIZE = "size"
    PROJECT = "project"
    AUTHOR = "author"
    REVIEWER = "reviewer"


_MODELS: Final[Mapping[Dimension, type[Model]]] = {
    Dimension.PERSON: User,
    Dimension.AUTHOR: User,
    Dimension.REVIEWER: User,
    Dimension.LABEL: Label,
    Dimension.MODEL: ModelVersion,
    Dimension.PROJECT: Project,
}
_NONE: Final = {Dimension.LABEL: "No label", Dimension.MODEL: "By hand"}


def names_of(dimension: Dimension, values: Collection[Any]) -> dict[Any, str]:
    """By value; one query where they are keys of rows, none where not."""
    model = _MODELS.get(dimension)
    if model is None:
        return {value: _name(dimension, value) for value in values}
    rows = model._default_manager.in_bulk([value for value in values if value is not None])
    names = {pk: row.name if isinstance(row, (Label, Project)) else str(row) for pk, row in rows.items()}
    return {value: names.get(value, _NONE.get(dimension, "Nobody")) for value in values}


def key_of(value: Any) -> str | None:
    """A row's key as the API writes it; None where there is none, as for masks without a label."""
    return None if value is None else str(value)


def _name(dimension: Dimension, value: Any) -> str:
    if dimension == Dimension.STAGE:
        return str(Mask.Stage(value).label).capitalize()
    if dimension != Dimension.SIZE:
        return str(value)
    lower, upper = (None if edge is None else floor(edge + 0.5) for edge in size_edges(value))
    return f"{lower} px and more" if upper is None else f"{lower}–{upper} px"
