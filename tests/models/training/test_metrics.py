import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from models.sam.training.metrics import MetricsLog, read_log
from models.sam.training.plot import draw_plot, write_plot

SVG = "{http://www.w3.org/2000/svg}"


def lines(count: int = 30) -> list[dict[str, Any]]:
    return [
        {
            "step": 10 * i,
            "views": 80 * i,
            "side": 128 if i < 20 else 256,
            "rate": 1e-3 * (1 - i / 40),
            "loss": 4.0 / i,
            "first_iou": 0.5 * i / 30,
            "last_iou": 0.6 * i / 30,
        }
        for i in range(1, count + 1)
    ]


def test_rewinding_drops_later_lines_and_one_cut_off(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path / "metrics.jsonl")
    for step in (10, 20, 30):
        log.add({"loss": float(step)})
        log.write({"step": step})
    with log.path.open("a") as file:
        file.write('{"step": 40, "lo')
    assert [line["step"] for line in read_log(log.path)] == [10, 20, 30]
    log.rewind(20)
    assert [json.loads(line)["step"] for line in log.path.read_text().splitlines()] == [10, 20]


def test_what_was_collected_survives_in_the_state(tmp_path: Path) -> None:
    log, other = MetricsLog(tmp_path / "a.jsonl"), MetricsLog(tmp_path / "b.jsonl")
    log.add({"loss": 1.0, "nothing": float("nan")})
    other.load_state_dict(log.state_dict())
    other.add({"loss": 3.0})
    assert other.write({"step": 2}) == {"step": 2, "loss": 2.0}


def curves_of(root: ET.Element) -> dict[str, list[tuple[float, float]]]:
    """The points of each curve in the drawing's own frame, y downwards, by the name it has in the log."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        if group.attrib.get("id", "").startswith("curve-"):
            drawn = next(group.iter(f"{SVG}path")).attrib["d"].replace("M", " ").replace("L", " ").split()
            numbers = [float(text) for text in drawn]
            name = group.attrib["id"].removeprefix("curve-")
            found[name] = list(zip(numbers[::2], numbers[1::2], strict=True))
    return found


def test_the_plot_has_axes_legends_stages_and_curves_in_place() -> None:
    root = ET.fromstring(draw_plot(lines(), "run <1> of $5$"))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for expected in (
        "run <1> of $5$",
        "views of images",
        "loss (log)",
        "IoU",
        "learning rate",
        "128 px",
        "256 px",
        "2k",
        "last pass: 0.600",
    ):
        assert expected in texts
    curves = curves_of(root)
    assert list(curves) == ["loss", "first_iou", "last_iou", "rate"]
    loss = curves["loss"]
    assert len(loss) > 5
    assert loss == sorted(loss)  # x grows, and so does y downwards: the loss falls
    view_box = [float(value) for value in root.attrib["viewBox"].split()]
    assert all(0 <= x <= view_box[2] and 0 <= y <= view_box[3] for x, y in loss)


def test_long_logs_are_thinned_and_missing_series_left_out() -> None:
    many = [{"views": i, "side": 64, "rate": 0.0, "loss": 1.0 + i % 2} for i in range(1, 5001)]
    curves = curves_of(ET.fromstring(draw_plot(many, "run")))
    assert list(curves) == ["loss", "rate"]  # no IoU panel
    assert all(len(curve) <= 800 for curve in curves.values())


@pytest.mark.parametrize(("low", "high"), [(0.9, 30.0), (1.1, 1.3), (1e-4, 9.0), (2.0, 2.0)])
def test_a_logarithmic_axis_has_numbers_without_formulas(low: float, high: float) -> None:
    some = [{"views": i, "side": 64, "loss": high if i % 2 else low} for i in range(1, 9)]
    root = ET.fromstring(draw_plot(some, "run"))
    (axis,) = (group for group in root.iter(f"{SVG}g") if group.attrib.get("id") == "matplotlib.axis_2")
    marks = [element.text or "" for element in axis.iter(f"{SVG}text")]
    numbers = [float(text) for text in marks if text != "loss (log)"]
    assert len(numbers) >= 2
    assert numbers == sorted(numbers)


def test_nothing_logged_nothing_drawn(tmp_path: Path) -> None:
    assert not write_plot(tmp_path / "metrics.jsonl", tmp_path / "plot.svg")
    assert not (tmp_path / "plot.svg").exists()
