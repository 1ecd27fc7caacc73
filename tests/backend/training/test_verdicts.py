"""What is said of a model by the interval of its difference."""

import pytest

from backend.training.models import Parts
from backend.training.verdicts import difference_text, verdict_of


def metrics(low: float | None, high: float | None, images: int = 5) -> dict[str, dict[str, float | None]]:
    return {"difference": {"mean": 0.02, "low": low, "high": high, "images": images}}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.039, "better"),
        (-0.04, -0.001, "worse"),
        (-0.001, 0.041, "same"),
        (0.0, 0.04, "same"),
        (-0.04, 0.0, "same"),
        (0.0, 0.0, "same"),
        (None, None, "same"),
    ],
)
def test_a_difference_counts_where_its_interval_leaves_out_0(
    low: float | None, high: float | None, verdict: str
) -> None:
    assert verdict_of(metrics(low, high)) == verdict


def test_people_are_told_how_sure_it_is() -> None:
    assert difference_text(metrics(-0.0104, 0.034)) == (
        "The difference lies between -0.0104 and +0.0340 (95 %, by 5 images)."
    )
    assert difference_text(metrics(None, None, 1)).startswith("A single image")


def test_the_parts_are_those_that_the_models_know() -> None:
    from models.sam.training import retrain_plan

    assert {str(part) for part in Parts} - {"auto"} == {str(part) for part in retrain_plan.Parts}
