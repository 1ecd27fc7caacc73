"""How many masks were made, how fast, and how many of them as the model gave them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Case, F, Value, When
from django.db.models.functions import TruncWeek

from backend.annotations.figures import IOU_UNITS
from backend.annotations.models import Mask
from backend.dashboard.naming import Dimension, key_of, names_of
from backend.dashboard.scopes import Scope
from backend.tallies.families import MASKS
from backend.tallies.selectors import Derived, family_sums, tally_sums

_COLUMNS: Final[Mapping[Dimension, str | Derived]] = {
    Dimension.DAY: "day",
    Dimension.WEEK: Derived("week", "day", TruncWeek("day")),
    Dimension.PERSON: "author_id",
    Dimension.LABEL: "label_id",
    Dimension.STAGE: "stage",
    Dimension.MODEL: "model_version_id",
    Dimension.SIZE: "size",
    Dimension.PROJECT: "project_id",
}
# More parts of a bar than this nobody tells apart; the rest is one part.
SPLIT_INTO: Final = 7
OTHERS: Final = "others"
# No key of a row, and no stage.
_OTHERS: Final = 0
_STAGES: Final = {stage: place for place, stage in enumerate(Mask.Stage.values)}


def activity(
    *, scope: Scope, by: Dimension, split: Dimension | None, filters: Mapping[Dimension, Any], merges: bool
) -> dict[str, Any]:
    """`rows`, one for each value of `by` and of `split`, and their `total`; see `ActivitySerializer`. `filters` hold a
    value for each of some dimensions. `merges`: labels of one name are one, as across projects.

    One statement for the numbers, one for names, one for images where masks per image can be said, two where rows are
    split.
    """
    wanted = {
        _lookup(dimension, value): True if value is None else value for dimension, value in filters.items()
    }
    told_apart = [_COLUMNS[by], *([_parts(split, scope.filters | wanted)] if split else [])]
    sums = family_sums(MASKS, by=told_apart, filters=scope.filters | wanted)
    is_all = not wanted and scope.since is None and scope.until is None
    images = _annotated(scope) if is_all else {}
    named = [names_of(by, {key[0] for key in sums})]
    if split:
        named.append(names_of(split, {key[1] for key in sums} - {_OTHERS}) | {_OTHERS: "Others"})
    if merges and by == Dimension.LABEL:
        sums, named[0] = _merged(sums, named[0])
    rows = []
    for key in sorted(sums, key=lambda key: _order(by, key[0], sums[key])):
        count = images.get(key[0]) if by == Dimension.PROJECT and not split else None
        row = {"key": key_of(key[0]), "name": named[0][key[0]], **measures(sums[key], images=count)}
        if split:
            split_key = OTHERS if key[1] == _OTHERS else key_of(key[1])
            row |= {"split_key": split_key, "split_name": named[1][key[1]]}
        rows.append(row)
    total: Counter[str] = sum(sums.values(), Counter())
    return {"rows": rows, "total": measures(total, images=sum(images.values()) if is_all else None)}


def measures(sums: Mapping[str, int], *, images: int | None) -> dict[str, Any]:
    """The numbers of a row; a share or mean of nothing is None."""
    masks, seconds = sums.get("masks", 0), sums.get("milliseconds", 0) / 1000
    clicks, compared = sums.get("clicks", 0), sums.get("compared_masks", 0)
    untouched = sums.get("untouched_masks", 0)
    return {
        "masks": masks,
        "seconds": seconds,
        "seconds_per_mask": _per(seconds, masks),
        "clicks": clicks,
        "clicks_per_mask": _per(clicks, masks),
        "masks_per_image": _per(masks, images),
        "model_masks": sums.get("model_masks", 0),
        "compared_masks": compared,
        "untouched": untouched,
        "untouched_share": _per(untouched, compared),
        "model_iou": _per(sums.get("iou_millionths", 0) / IOU_UNITS, compared),
    }


def _per(amount: float, count: int | None) -> float | None:
    return amount / count if count else None


def _lookup(dimension: Dimension, value: Any) -> str:
    return str(_COLUMNS[dimension]) + ("__isnull" if value is None else "")


def _annotated(scope: Scope) -> dict[int, int]:
    sums = tally_sums(project_ids=scope.project_ids)
    return {pk: one.annotated_images for pk, one in sums.items()}


def _parts(split: Dimension, filters: Mapping[str, Any]) -> str | Derived:
    """What rows are split by: the largest parts of the whole, and all else as one; stages are few."""
    column = _COLUMNS[split]
    assert isinstance(column, str)
    if split == Dimension.STAGE:
        return column
    parts = family_sums(MASKS, by=[column], filters=filters)
    largest = sorted(parts, key=lambda key: -parts[key]["masks"])[:SPLIT_INTO]
    is_kept = [When(**{f"{column}__in": [part for (part,) in largest if part is not None]}, then=F(column))]
    if (None,) in largest:
        is_kept.append(When(**{f"{column}__isnull": True}, then=None))
    return Derived("part", column, Case(*is_kept, default=Value(_OTHERS)))


def _merged(
    sums: dict[tuple[Any, ...], Counter[str]], names: Mapping[Any, str]
) -> tuple[dict[tuple[Any, ...], Counter[str]], dict[Any, str]]:
    """By name; what has none stays so."""
    merged: dict[tuple[Any, ...], Counter[str]] = {}
    for key, amounts in sums.items():
        name = None if key[0] is None else names[key[0]]
        merged.setdefault((name, *key[1:]), Counter()).update(amounts)
    return merged, {key[0]: key[0] or names[None] for key in merged}


def _order(by: Dimension, value: Any, amounts: Mapping[str, int]) -> Any:
    if by in (Dimension.DAY, Dimension.WEEK, Dimension.SIZE):
        return value
    return _STAGES[value] if by == Dimension.STAGE else -amounts["masks"]
