"""Training in one thread: two of a busy machine may round differently."""

import pytest


@pytest.fixture(autouse=True)
def sums_in_one_order(one_thread: None) -> None:
    """Resume is tested bit by bit."""
