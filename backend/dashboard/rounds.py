"""A project's rounds of the data engine, and which of them something belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from backend.embeddings.models import ModelVersion
from backend.projects.models import Project
from backend.training.selectors import model_changes


@dataclass(frozen=True)
class Round:
    """The time in which a project had one model. Round 0 is that of the model it began with."""

    number: int
    model: ModelVersion
    # Why it came; None in round 0.
    reason: str | None
    since: datetime
    # None for the present round.
    until: datetime | None

    def seconds_of(self, day: date) -> float:
        """How much of the day, in UTC, lies in the round; the first round reaches back and the last one on."""
        begin = datetime.combine(day, time.min, tzinfo=UTC)
        end = begin + timedelta(days=1)
        since = max(begin, self.since) if self.number else begin
        return max(0.0, (min(end, self.until or end) - since).total_seconds())


def rounds_of(*, project: Project) -> list[Round]:
    """The oldest first. One statement."""
    changes = list(model_changes(project=project).select_related("before__parent", "after__parent"))[::-1]
    models = [changes[0].before if changes else project.model, *(change.after for change in changes)]
    reasons = [None, *(change.reason for change in changes)]
    begins = [project.created_at, *(change.at for change in changes)]
    ends = [*begins[1:], None]
    return [Round(number, *one) for number, one in enumerate(zip(models, reasons, begins, ends, strict=True))]


def round_of_day(rounds: Sequence[Round], *, day: date, model_id: int | None) -> Round:
    """The round that what was made on a day with a model, or with none, belongs to.

    Sums are kept by day and model. What was made with a round's model is the round's: also what was made after its end,
    on images that had not been given the next model yet. Where the model had several rounds, it is the one that has
    most of the day, else the latest that ended before. What is of no round's model, as shapes drawn without any, goes to
    the round that has most of the day. So only what was made without a model on a day of a change, and with a model that
    left and came back on one day, may stand in the neighbouring round.
    """
    of_model = [one for one in rounds if one.model.pk == model_id]
    candidates = of_model or rounds
    best = max(candidates, key=lambda one: one.seconds_of(day))
    if best.seconds_of(day) > 0:
        return best
    ended = [one for one in candidates if one.since.astimezone(UTC).date() <= day]
    return ended[-1] if ended else candidates[0]


def round_of_moment(rounds: Sequence[Round], *, at: datetime, model_id: int) -> Round:
    """The model's latest round that had begun, or of all where the model had none."""
    begun = [one for one in rounds if one.since <= at] or rounds[:1]
    return ([one for one in begun if one.model.pk == model_id] or begun)[-1]
