"""Which pictures are trained on and which are measured by. Dealt by a hash of their bytes, once and for all."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from backend.training.models import ImageSplit, Side

VAL_SHARE: Final = 0.2
_SEED: Final = "anymask split 1"
_AT_ONCE: Final = 500  # parameters of one statement


def sides_assigned(sha256s: Collection[str]) -> dict[str, Side]:
    """The side of each picture; one seen for the first time gets its own, which it keeps."""
    known = _known(sha256s)
    sides = _dealt(sha256s, known)
    # Another run may deal the same pictures in this moment: whoever was first decides.
    rows = [ImageSplit(sha256=sha256, side=side) for sha256, side in sides.items()]
    ImageSplit.objects.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)
    return known | _known(sides)


def sides_expected(sha256s: Collection[str], expected: Mapping[str, Side]) -> dict[str, Side]:
    """The side each picture would be on if it were dealt now, after those of `expected`. Nothing is dealt."""
    known = {sha256: expected[sha256] for sha256 in sha256s if sha256 in expected} | _known(sha256s)
    return known | _dealt(sha256s, known)


def _dealt(sha256s: Collection[str], known: Mapping[str, Side]) -> dict[str, Side]:
    """Sides for the pictures that have none yet.

    Of a few pictures the hash may put all on one side. Then one of the new ones goes to the other, so that there is
    something to measure by and something to learn from.
    """
    new = sorted(set(sha256s) - known.keys(), key=_number)
    sides = {sha256: Side.VAL if _number(sha256) < VAL_SHARE else Side.TRAIN for sha256 in new}
    present = {*known.values(), *sides.values()}
    if new and len(known) + len(new) > 1 and len(present) == 1:
        moved, other = (new[0], Side.VAL) if present == {Side.TRAIN} else (new[-1], Side.TRAIN)
        sides[moved] = other
    return sides


def _known(sha256s: Collection[str]) -> dict[str, Side]:
    found: dict[str, Side] = {}
    for chunk in _chunks(list(sha256s)):
        rows = ImageSplit.objects.filter(sha256__in=chunk).values_list("sha256", "side")
        found |= {sha256: Side(side) for sha256, side in rows}
    return found


def _chunks(items: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _number(sha256: str) -> float:
    """In [0, 1), the same on every machine."""
    digest = hashlib.sha256(f"{_SEED} {sha256}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
