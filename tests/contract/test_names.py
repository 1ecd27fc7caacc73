"""Words typed in the browser are tidied as those of the vocabulary were: the web part has a function of its own."""

from hypothesis import given
from hypothesis import strategies as st

from backend.embeddings.words import ABSENT, tidy_name
from models.sam.modeling import labels
from models.sam.text import names


@given(st.text(max_size=30) | st.text(alphabet="aB _-\t ß", max_size=12))
def test_both_tidy_alike(name: str) -> None:
    assert tidy_name(name) == names.tidy_name(name)


def test_both_mean_the_same_by_an_empty_slot() -> None:
    assert ABSENT == labels.ABSENT
