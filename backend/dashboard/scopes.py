"""Of which projects, and of which days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from backend.common.errors import InvalidInput, NotFound
from backend.projects.models import Membership
from backend.projects.permissions import PROJECT_RULES
from backend.users.models import User

# Whoever may see a project's dashboard sees it across projects as well.
_RULE: Final[Any] = PROJECT_RULES["projects/{project_id}/dashboard/activity/"]["GET"]


@dataclass(frozen=True)
class Scope:
    """The projects asked for, and the first and last day; None is from the beginning, until today."""

    project_ids: Sequence[int]
    since: date | None
    until: date | None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise InvalidInput("The first day is after the last one.", "dashboard.period")

    @property
    def filters(self) -> dict[str, Any]:
        """Of sums, as Django's lookups."""
        days = {"day__gte": self.since, "day__lte": self.until}
        return {"project_id__in": self.project_ids} | {name: day for name, day in days.items() if day}


def project_ids_visible(*, user: User, wanted: Sequence[int]) -> list[int]:
    """The projects whose dashboard `user` may see: all, or those wanted. Raises NotFound `project.not_found` for one
    that they may not."""
    seen = Membership.objects.filter(user=user, role__in=_RULE).order_by("project_id")
    ids = list(seen.values_list("project_id", flat=True))
    if not set(wanted) <= set(ids):
        raise NotFound(
            "There is no such project, or you may not see its dashboard.",
            "project.not_found",
            {"projects": sorted(set(wanted) - set(ids))},
        )
    return [pk for pk in ids if pk in wanted] if wanted else ids
