import pytest

from models.sam.training.schedule import LearningRate, Stage, parse_stages, stage_at


def test_the_rate_warms_up_then_falls_to_the_floor() -> None:
    rate = LearningRate(peak=1.0, warmup_steps=10, floor=0.1)
    assert rate.at(0, 0.0) == pytest.approx(0.1)
    assert rate.at(9, 0.0) == pytest.approx(1.0)
    assert rate.at(500, 0.5) == pytest.approx(0.55)
    assert rate.at(1000, 1.0) == pytest.approx(0.1)


def test_the_papers_steps_divide_the_rate_by_ten_twice() -> None:
    rate = LearningRate(peak=8e-4, warmup_steps=250, shape="step")
    rates = [rate.at(step, step / 90_000) for step in (59_999, 60_000, 86_670)]
    assert rates == pytest.approx([8e-4, 8e-5, 8e-6])


def test_stages_follow_the_progress() -> None:
    stages = parse_stages("128x8:0.5,256x4:0.9,512x2:1")
    assert stages[1] == Stage(256, 4, 0.9)
    assert [stage_at(stages, progress).side for progress in (0, 0.49, 0.5, 0.95, 1.0)] == [
        128,
        128,
        256,
        512,
        512,
    ]


@pytest.mark.parametrize("text", ["", "128:1", "128x8:0.5", "128x8:0.7,256x4:0.6,512x2:1", "axb:1"])
def test_malformed_stages_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="stage"):
        parse_stages(text)
