"""What the browser feeds is what the exported graphs ask for."""

import re
from pathlib import Path

import onnxruntime

from backend.launch.layout import FRONTEND
from models.sam.decode.exactness import SLOTS
from models.sam.decode.graphs import PREPARED, PROJECTED
from models.sam.modeling.labels import ABSENT

FEEDS = (FRONTEND / "src" / "sam" / "feeds.ts").read_text(encoding="utf-8")


def described(values: list[onnxruntime.NodeArg]) -> dict[str, list[int | str]]:
    return {value.name: value.shape for value in values}


def test_the_browser_spells_the_graphs_names(tiny_folder: Path) -> None:
    prepare = onnxruntime.InferenceSession(str(tiny_folder / "prepare.onnx"))
    click = onnxruntime.InferenceSession(str(tiny_folder / "click.onnx"))
    assert f'PREPARE_INPUT = "{prepare.get_inputs()[0].name}"' in FEEDS
    prepared, inputs = described(prepare.get_outputs()), described(click.get_inputs())
    # Outputs of one file are inputs of the other, shapes included: the browser passes them on without a look.
    assert set(prepared) == {*PREPARED, *PROJECTED}
    assert all(inputs.pop(name) == shape for name, shape in prepared.items())
    fed = re.findall(r"^    (\w+): \{ data:", FEEDS, re.MULTILINE)
    assert set(fed) == set(inputs)
    assert {output.name for output in click.get_outputs()} == set(
        re.findall(r'"(\w+)"', FEEDS.partition("OUTPUT_NAMES = ")[2].partition("}")[0])
    )
    dimension = re.search(r'POINTS_DIMENSION = "(\w+)"', FEEDS)
    assert dimension
    assert inputs["point_labels"] == [1, dimension[1]]


def test_browser_and_comparison_fill_slots_alike() -> None:
    assert f"SLOT_BUCKETS: readonly number[] = {list(SLOTS)};" in FEEDS
    assert f"export const ABSENT = {ABSENT};" in FEEDS
