"""Which round of the data engine something belongs to, as far as sums by day can tell."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.dashboard.rounds import Round, round_of_day, round_of_moment
from backend.embeddings.models import ModelVersion

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OLD, NEW, FOREIGN = 1, 2, 3


def at(day: int, hour: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def make_rounds(*begins: tuple[int, datetime]) -> list[Round]:
    """By the model's key and the beginning of each."""
    ends = [*(begin for _, begin in begins[1:]), None]
    return [
        Round(number, ModelVersion(pk=model, name="tiny", version=str(model)), None, begin, end)
        for number, ((model, begin), end) in enumerate(zip(begins, ends, strict=True))
    ]


# The new model from Tuesday 18:00 on, the old one again from Thursday 6:00 on.
ROUNDS = make_rounds((OLD, at(0, 9)), (NEW, at(1, 18)), (OLD, at(3, 6)))
# All on one Monday.
SHORT = make_rounds((OLD, at(0, 1)), (NEW, at(0, 10)), (OLD, at(0, 11)))


@pytest.mark.parametrize(
    ("rounds", "day", "model", "expected"),
    [
        (ROUNDS, 0, OLD, 0),
        (ROUNDS, 1, NEW, 1),
        (ROUNDS, 3, NEW, 1),
        (ROUNDS, 3, OLD, 2),
        (ROUNDS, 9, OLD, 2),
        # On images that had not been given the new model yet, and after its time.
        (ROUNDS, 2, OLD, 0),
        (ROUNDS, 9, NEW, 1),
        # By hand, or with a model that the project never had: by the day alone.
        (ROUNDS, 1, None, 0),
        (ROUNDS, 2, None, 1),
        (ROUNDS, 3, FOREIGN, 2),
        # Before the project, as what was made elsewhere.
        (ROUNDS, -20, None, 0),
        (ROUNDS, -20, NEW, 1),
        # Nobody can tell the two times of the old model apart: the longer one has the day.
        (SHORT, 0, OLD, 2),
        (SHORT, 0, NEW, 1),
        (SHORT, -1, OLD, 0),
    ],
)
def test_what_was_made_belongs_to_the_round_of_its_model(
    rounds: list[Round], day: int, model: int | None, expected: int
) -> None:
    found = round_of_day(rounds, day=date(2026, 3, 2) + timedelta(days=day), model_id=model)
    assert found.number == expected


def test_a_run_belongs_to_the_round_it_began_in() -> None:
    found = [
        round_of_moment(ROUNDS, at=moment, model_id=model).number
        for moment, model in (
            (at(0, 10), OLD),
            (at(1, 19), NEW),
            (at(3, 7), OLD),
            # Asked for just before the change, with the model of then.
            (at(1, 18), OLD),
            (at(3, 7), FOREIGN),
            (at(-5), OLD),
        )
    ]
    assert found == [0, 1, 2, 0, 2, 0]
