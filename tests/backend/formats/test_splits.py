"""Pictures dealt out to train, val and test."""

import random
from collections import Counter

from backend.formats.splits import splits_deal

SHARES = {"train": 8, "val": 1, "test": 1}


def pictures(count: int = 500) -> list[tuple[int, str | None, dict[int, int]]]:
    """Of ten cameras; a common label on most, a rare one on every 25th, nothing on some."""
    dice = random.Random(3)
    return [
        (
            key,
            None,
            {
                **({1: dice.randrange(1, 9)} if dice.random() < 0.9 else {}),
                **({2: 1} if key % 25 == 0 else {}),
            },
        )
        for key in range(count)
    ]


def test_each_split_has_its_share_of_pictures_and_of_every_label() -> None:
    dealt = splits_deal(pictures(), SHARES, seed=1)
    assert len(dealt) == 500
    sizes = Counter(dealt.values())
    assert abs(sizes["val"] - 50) <= 2
    assert abs(sizes["test"] - 50) <= 2
    rare = Counter(dealt[key] for key, _, labels in pictures() if 2 in labels)
    assert rare == {"train": 16, "val": 2, "test": 2}
    objects: Counter[str] = Counter()
    for key, _, labels in pictures():
        objects[dealt[key]] += labels.get(1, 0)
    total = sum(objects.values())
    assert abs(objects["val"] / total - 0.1) < 0.01
    assert abs(objects["test"] / total - 0.1) < 0.01


def test_a_seed_is_a_deal_and_another_one_another() -> None:
    assert splits_deal(pictures(), SHARES, seed=1) == splits_deal(pictures(), SHARES, seed=1)
    assert splits_deal(pictures(), SHARES, seed=1) != splits_deal(pictures(), SHARES, seed=2)


def test_a_group_is_never_torn_apart() -> None:
    grouped = [(key, key // 7, labels) for key, _, labels in pictures()]
    dealt = splits_deal(grouped, SHARES, seed=1)
    for number in range(72):
        assert len({dealt[key] for key, group, _ in grouped if group == number}) == 1
    assert abs(Counter(dealt.values())["val"] - 50) <= 7


def test_a_split_without_a_share_gets_nothing_and_few_pictures_go_where_most_is_lacking() -> None:
    assert set(splits_deal(pictures(), {"train": 1, "val": 0}, seed=1).values()) == {"train"}
    assert splits_deal([(1, None, {})], SHARES, seed=1) == {1: "train"}
    assert splits_deal([], SHARES, seed=1) == {}
