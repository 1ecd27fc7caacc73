"""How many bytes a project's files take."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from backend.dashboard.naming import Dimension, key_of, names_of
from backend.dashboard.scopes import Scope
from backend.tallies.families import STORAGE
from backend.tallies.selectors import family_sums


def storage(*, scope: Scope) -> dict[str, Any]:
    """`rows`, one for each project, the largest first, and their `total`."""
    sums = family_sums(STORAGE, by=["project_id"], filters=scope.filters)
    names = names_of(Dimension.PROJECT, [pk for (pk,) in sums])
    told = sorted(
        ((pk, _bytes(amounts)) for (pk,), amounts in sums.items()), key=lambda one: -one[1]["total_bytes"]
    )
    rows = [{"key": key_of(pk), "name": names[pk], **row} for pk, row in told]
    return {"rows": rows, "total": _bytes(sum(sums.values(), Counter()))}


def _bytes(amounts: Mapping[str, int]) -> dict[str, int]:
    told = {name: amounts.get(name, 0) for name in STORAGE.amounts}
    return {**told, "total_bytes": sum(told.values()) - told["images"]}
