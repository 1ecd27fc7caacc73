"""Which pictures are trained on, and which are kept for validation and test."""

import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class _Group:
    """Pictures that must not be torn apart, and how many objects of each label are on them."""

    keys: list[int] = field(default_factory=list)
    labels: Counter[int] = field(default_factory=Counter)


def splits_deal(
    pictures: Iterable[tuple[int, Hashable, Mapping[int, int]]], shares: Mapping[str, int], *, seed: int
) -> dict[int, str]:
    """Deals pictures out so that each split gets its share of the pictures and of each label's objects.

    `pictures` are (key, group, objects by label); those of one group go together, `None` is a group for each of its own.
    `shares` are parts, as 8, 1, 1. Iterative stratification (Sechidis, Tsoumakas and Vlahavas, 2011): the label of which
    the fewest objects are left is dealt first, each group to the split that lacks most of it. The same seed and pictures
    give the same splits.
    """
    groups: dict[Hashable, _Group] = defaultdict(_Group)
    for key, group, labels in pictures:
        joined = groups[("alone", key) if group is None else ("group", group)]
        joined.keys.append(key)
        joined.labels.update(labels)
    waiting = list(groups.values())
    random.Random(seed).shuffle(waiting)  # nosec B311 # no secret
    parts = sum(shares.values())
    total = Counter[int]()
    for group_ in waiting:
        total.update(group_.labels)
    lacks_pictures = {
        split: Fraction(share * sum(len(entry.keys) for entry in waiting), parts)
        for split, share in shares.items()
    }
    lacks = {
        split: {label: Fraction(share * count, parts) for label, count in total.items()}
        for split, share in shares.items()
    }
    dealt: dict[int, str] = {}

    def deal(entry: _Group, label: int | None) -> None:
        def need(split: str) -> tuple[Fraction, Fraction]:
            lacking = lacks_pictures[split]
            return (lacks[split][label] if label is not None else lacking, lacking)

        # The first of those that need as much, in the order in which they were named.
        chosen = max((split for split in shares if shares[split]), key=need)
        lacks_pictures[chosen] -= len(entry.keys)
        for own, count in entry.labels.items():
            lacks[chosen][own] -= count
        dealt.update(dict.fromkeys(entry.keys, chosen))

    by_label: dict[int, list[_Group]] = defaultdict(list)
    for entry in waiting:
        for label in entry.labels:
            by_label[label].append(entry)
    left = Counter(total)
    while left:
        label = min(left, key=lambda name: (left[name], name))
        for entry in by_label[label]:
            if entry.keys[0] not in dealt:
                deal(entry, label)
                for own, count in entry.labels.items():
                    left[own] -= count
        del left[label]
    for entry in waiting:
        if entry.keys[0] not in dealt:
            deal(entry, None)
    return dealt
