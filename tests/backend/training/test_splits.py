"""Pictures are dealt to train and val once, for ever and for all projects."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.training.models import ImageSplit, Side
from backend.training.splits import VAL_SHARE, sides_assigned

pytestmark = pytest.mark.django_db


def digests(count: int, salt: str = "") -> list[str]:
    return [hashlib.sha256(f"{salt}{number}".encode()).hexdigest() for number in range(count)]


def test_about_a_fifth_is_measured_by() -> None:
    sides = list(sides_assigned(digests(3000)).values())
    assert abs(sides.count(Side.VAL) / 3000 - VAL_SHARE) < 0.03


def test_a_picture_stays_on_its_side_whatever_it_comes_with() -> None:
    first = sides_assigned(digests(600))
    more = sides_assigned([*digests(600), *digests(900, "other")])
    assert {sha256: more[sha256] for sha256 in first} == first
    ImageSplit.objects.filter(sha256__in=digests(5)).update(side=Side.VAL)
    assert {sides_assigned(digests(600))[sha256] for sha256 in digests(5)} == {Side.VAL}


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 10**9), min_size=2, max_size=8))
def test_of_a_few_pictures_some_are_on_either_side(numbers: set[int]) -> None:
    ImageSplit.objects.all().delete()
    dealt = sides_assigned({hashlib.sha256(str(number).encode()).hexdigest() for number in numbers})
    assert set(dealt.values()) == {Side.TRAIN, Side.VAL}
    assert sides_assigned(set(dealt)) == dealt


def test_one_picture_alone_is_where_its_hash_puts_it() -> None:
    sides = [sides_assigned([sha256])[sha256] for sha256 in digests(200, "alone")]
    assert 15 < sides.count(Side.VAL) < 70
