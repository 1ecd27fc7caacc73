import pytest

from models.sam.training.augmentation import ViewSize
from models.sam.training.schedule import LearningRate, Stage, parse_stages, stage_at


def test_the_rate_warms_up_then_falls_to_the_floor() -> None:
    rate = LearningRate(peak=1.0, warmup_steps=10, floor=0.1)
    assert rate.at(0, 0.0) == pytest.approx(0.1)
    assert rate.at(9, 0.0) == pytest.approx(1.0)
    assert rate.at(500, 0.5) == pytest.approx(0.55)
    assert rate.at(1000, 1.0) == pytest.approx(0.1)


def test_a_run_of_few_steps_is_warm_by_the_progress_that_is_set() -> None:
    rate = LearningRate(peak=1.0, warmup_steps=100, warmup_progress=0.1, floor=1.0)
    assert rate.at(0, 0.0) == pytest.approx(0.01)
    assert rate.at(1, 0.05) == pytest.approx(0.5)
    assert rate.at(2, 0.1) == rate.at(99, 0.01) == pytest.approx(1.0)


def test_the_papers_steps_divide_the_rate_by_ten_twice() -> None:
    rate = LearningRate(peak=8e-4, warmup_steps=250, shape="step")
    rates = [rate.at(step, step / 90_000) for step in (59_999, 60_000, 86_670)]
    assert rates == pytest.approx([8e-4, 8e-5, 8e-6])


def test_stages_follow_the_progress() -> None:
    stages = parse_stages("128x8:0.5,256x4:0.9,512x2:1")
    assert stages[1] == Stage(ViewSize(256), 4, 0.9)
    assert [stage_at(stages, progress).size.side for progress in (0, 0.49, 0.5, 0.95, 1.0)] == [
        128,
        128,
        256,
        512,
        512,
    ]


def test_a_stage_may_show_windows_of_a_larger_input() -> None:
    (stage,) = parse_stages("256/512x4:1")
    assert stage.size == ViewSize(256, 512)
    assert (stage.size.input_side, ViewSize(256).input_side) == (512, 256)


@pytest.mark.parametrize(
    "text",
    [
        "512/256x4:1",
        "256/x4:1",
        "1/2/3x4:1",
        "",
        "128:1",
        "128x8:0.5",
        "128x8:0.7,256x4:0.6,512x2:1",
        "axb:1",
    ],
)
def test_malformed_stages_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"stage|window"):
        parse_stages(text)
