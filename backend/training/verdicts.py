"""What the val images say of a retrained model: that it is better, or worse, or that nobody can tell."""

from collections.abc import Mapping
from typing import Any

from backend.training.models import Verdict

# Of the interval (`models.sam.evaluation.paired`), in percent.
CONFIDENCE = 95


def verdict_of(metrics: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """By the interval of the difference between child and parent: `same` where it includes 0, and where a single image
    gives none."""
    low, high = (metrics["difference"][end] for end in ("low", "high"))
    if low is None or high is None or low <= 0 <= high:
        return Verdict.SAME
    return Verdict.BETTER if low > 0 else Verdict.WORSE


def difference_text(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """A sentence on how sure the difference is."""
    difference = metrics["difference"]
    if difference["low"] is None:
        return "A single image was measured, which says nothing of how sure that is."
    return (
        f"The difference lies between {difference['low']:+.4f} and {difference['high']:+.4f} "
        f"({CONFIDENCE} %, by {difference['images']} images)."
    )
