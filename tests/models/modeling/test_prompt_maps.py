"""Prompts drawn on the grid: what each map says, and that models without them are untouched."""

from dataclasses import replace
from pathlib import Path

import torch

from models.sam.build import build_sam, model_config
from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import (
    BACKGROUND,
    BOX_BOTTOM_RIGHT,
    BOX_TOP_LEFT,
    FOREGROUND,
    NOT_A_POINT,
)
from models.sam.modeling.prompt_maps import CHANNELS, RADII, PromptMaps
from models.sam.modeling.sam import Sam
from models.sam.onnx import OfficialOptions, export_decoder, max_low_res_difference

GRID = Grid(8, 16)
WITH_MAPS = replace(model_config("anymask_s"), prompt_maps=True, prompt_similarity=False, mask_quality=False)
CLICKS = len(RADII)  # maps per kind of click


def drawn(positions: list[tuple[float, float]], labels: list[int]) -> torch.Tensor:
    """Maps of one prompt as [CHANNELS, h, w]."""
    maps = PromptMaps(4).draw(torch.tensor([positions]), torch.tensor([labels]), GRID)
    return maps[0].unflatten(1, GRID.shape)


def test_click_maps_peak_at_the_nearest_click_of_their_kind() -> None:
    # Centres of the cells in row 1, columns 2 and 12.
    near, far = (2.5 / 16, 1.5 / 8), (12.5 / 16, 1.5 / 8)
    maps = drawn([near, far], [FOREGROUND, BACKGROUND])
    background, foreground = maps[:CLICKS], maps[CLICKS : 2 * CLICKS]
    for kind, column in ((foreground, 2), (background, 12)):
        for one in kind:
            assert one.argmax() == 16 + column
            torch.testing.assert_close(one.max(), torch.tensor(1.0), atol=5e-3, rtol=0)
    distance = (((torch.arange(16) + 0.5) / 16 - near[0]) ** 2).sqrt()
    torch.testing.assert_close(foreground[-1][1], torch.exp(-distance / RADII[-1]), atol=5e-3, rtol=0)
    assert maps[2 * CLICKS :].abs().max() == 0


def test_two_clicks_of_a_kind_add_no_height() -> None:
    once, twice = (drawn([(0.5, 0.5)] * n, [FOREGROUND] * n) for n in (1, 2))
    torch.testing.assert_close(once, twice)


def test_box_maps_are_positive_inside_and_negative_outside() -> None:
    maps = drawn([(0.25, 0.25), (0.75, 0.75)], [BOX_TOP_LEFT, BOX_BOTTOM_RIGHT])
    inside = torch.zeros(GRID.shape, dtype=torch.bool)
    inside[2:6, 4:12] = True
    for one in maps[2 * CLICKS : 3 * CLICKS]:
        assert ((one > 0) == inside).all()
    assert (maps[-1] == 1).all()
    assert maps[: 2 * CLICKS].abs().max() < 1e-6


def test_padding_draws_nothing() -> None:
    assert drawn([(0.5, 0.5)], [NOT_A_POINT]).abs().max() < 1e-6
    assert drawn([(0.5, 0.5)], [NOT_A_POINT]).shape == (CHANNELS, *GRID.shape)


def test_a_model_with_maps_reads_a_click_from_the_dense_embedding(tiny_sam: Sam) -> None:
    encoder = build_sam(WITH_MAPS).prompt_encoder
    labels = torch.tensor([[FOREGROUND]])
    with torch.no_grad():
        left, right = (encoder((torch.tensor([[[x, 100.0]]]), labels), None, None)[1] for x in (100.0, 400.0))
        assert (left - right).abs().max() > 1e-2
        plain_left, plain_right = (
            tiny_sam.prompt_encoder((torch.tensor([[[x, 100.0]]]), labels), None, None)[1]
            for x in (10.0, 200.0)
        )
    torch.testing.assert_close(plain_left, plain_right, atol=0, rtol=0)


def test_a_mask_alone_is_a_prompt_for_a_model_with_maps() -> None:
    encoder = build_sam(WITH_MAPS).prompt_encoder
    with torch.no_grad():
        sparse, dense = encoder(None, None, torch.zeros(2, 1, 256, 256))
    assert sparse.shape == (2, 0, 128)
    assert dense.shape == (2, 128, 64, 64)


def test_the_exported_decoder_draws_the_same_maps(tmp_path: Path) -> None:
    sam = build_sam(WITH_MAPS).eval()
    export_decoder(sam, tmp_path / "decoder.onnx", OfficialOptions())
    assert max_low_res_difference(sam, tmp_path / "decoder.onnx", OfficialOptions()) < 1e-4
