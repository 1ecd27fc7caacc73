"""All golden arrays of the tiny and full-size models, and the weights made from names."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.cli.parity import main, print_table
from models.sam.build import build_sam, state_dict_shapes
from models.sam.parity.fullsize import fullsize_checks
from models.sam.parity.golden import Check, Golden, compare_arrays
from models.sam.parity.procedural import procedural_parameter, procedural_seed
from models.sam.parity.tiny import tiny_checks

VITS = {"vit_b": 93_735_472, "vit_l": 312_342_832, "vit_h": 641_090_608}
SIZES = VITS | {"mobile_sam": 10_130_092}


def failures(checks: list[Check]) -> list[Check]:
    return [check for check in checks if not check.passed]


def test_every_tiny_array_is_reproduced(golden: Path) -> None:
    checks = tiny_checks(golden)
    print_table(checks)
    assert len(checks) > 140
    assert failures(checks) == []


@pytest.mark.parametrize(
    "name", ["mobile_sam", *(pytest.param(name, marks=pytest.mark.slow) for name in VITS)]
)
def test_every_fullsize_array_is_reproduced(golden: Path, name: str) -> None:
    checks = fullsize_checks(golden, name)
    print_table(checks)
    assert len(checks) > 45
    assert failures(checks) == []


def test_the_command_prints_a_table_and_succeeds(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--golden", str(golden), "--model", "tiny"]) == 0
    assert "tiny low-res logits" in capsys.readouterr().out


def test_the_command_fails_when_an_array_is_off(
    golden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for source in golden.glob("tiny_*.npz"):
        arrays = dict(np.load(source))
        if source.name == "tiny_forward.npz":
            arrays["0/low_res"] = arrays["0/low_res"] + np.float32(1e-3)
        np.savez(tmp_path / source.name, **arrays)
    assert main(["--golden", str(tmp_path), "--model", "tiny"]) == 1
    assert "FAILED: 0/low_res" in capsys.readouterr().out


def test_only_undecided_pixels_of_a_mask_may_differ(tmp_path: Path) -> None:
    logits = np.array([[3.0, -2.0, 4e-6], [-5e-6, 1.0, -1.0]], np.float32)
    stored = np.array([[True, False, False], [True, True, False]])
    np.savez(tmp_path / "masks.npz", packed=np.packbits(stored.ravel()))
    golden = Golden(tmp_path / "masks.npz")
    golden.compare_packed_masks("masks", "packed", logits > 0, logits)
    assert (golden.checks[-1].passed, golden.checks[-1].max_error, golden.checks[-1].tolerance) == (
        True,
        2,
        2,
    )
    wrong = logits > 0
    wrong[0, 0] = False
    golden.compare_packed_masks("masks", "packed", wrong, logits)
    assert not golden.checks[-1].passed


def test_the_command_fails_without_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--golden", str(tmp_path), "--model", "vit_b"]) == 1
    assert capsys.readouterr().err.startswith("parity.missing_file")


def test_another_shape_never_passes() -> None:
    assert not compare_arrays("g", "k", np.zeros((2, 3)), np.zeros((3, 2)), 1.0).passed
    assert compare_arrays("g", "k", np.zeros((1, 3)), np.zeros(3), 1e-6).passed


def test_areas_may_move_by_undecided_pixels_only(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", area=np.array([2]))
    golden = Golden(tmp_path / "a.npz")
    golden.compare_areas("g", "area", np.array([[[1.0, 1e-6, 1.0]]]))
    golden.compare_areas("g", "area", np.array([[[1.0, 1e-3, 1.0]]]))
    assert [check.passed for check in golden.checks] == [True, False]


@pytest.mark.parametrize("name", SIZES)
def test_names_and_shapes_are_those_of_the_published_files(golden: Path, name: str) -> None:
    published = json.loads((golden / f"state_dict_{name}.json").read_text())
    assert {key: list(shape) for key, shape in state_dict_shapes(name).items()} == published


@pytest.mark.parametrize("name", SIZES)
def test_parameter_counts_are_the_published_ones(name: str) -> None:
    import torch

    with torch.device("meta"):
        sam = build_sam(name)
    # The Fourier matrix is a buffer and not counted.
    assert sum(parameter.numel() for parameter in sam.parameters()) == SIZES[name]


def test_procedural_weights_are_bit_equal(golden: Path) -> None:
    expected = json.loads((golden / "procedural_check.json").read_text())
    for name, entry in expected.items():
        value = procedural_parameter(name, tuple(entry["shape"]))
        assert procedural_seed(name) == entry["seed"]
        assert value.ravel()[:4].tolist() == entry["first4"]
        assert value.astype(np.float64).sum() == pytest.approx(entry["sum"], rel=1e-9, abs=1e-6)
        assert np.abs(value.astype(np.float64)).sum() == pytest.approx(entry["abs_sum"], rel=1e-9)


def test_the_tiny_weights_follow_the_same_rule(golden: Path) -> None:
    for name, value in np.load(golden / "tiny_state_dict.npz").items():
        np.testing.assert_array_equal(procedural_parameter(name, value.shape), value)
