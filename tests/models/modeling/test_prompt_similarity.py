"""Cells compared with prompts: what is alike says so, and models without it are untouched."""

from dataclasses import replace

import pytest
import torch

from models.sam.build import build_sam, config_for_weights, model_config, sam_from_state_dict, shapes_of
from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import (
    BACKGROUND,
    BOX_BOTTOM_RIGHT,
    BOX_TOP_LEFT,
    FOREGROUND,
    NOT_A_POINT,
)
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.prompt_maps import CHANNELS, PromptMaps
from models.sam.modeling.prompt_similarity import (
    HEADS,
    PromptSimilarity,
    weights_of_boxes,
    weights_of_points,
)

GRID = Grid(8, 16)
SIMILAR = model_config("anymask_s")
BACKGROUND_ROWS, FOREGROUND_ROWS, INSIDE_ROWS, AROUND_ROWS = (
    slice(CHANNELS + i * HEADS, CHANNELS + (i + 1) * HEADS) for i in range(4)
)


@pytest.fixture
def halves() -> torch.Tensor:
    """An embedding [1, 8, 8, 16] whose left and right halves differ."""
    torch.manual_seed(0)
    left, right = torch.randn(2, 1, 8, 1, 1)
    return torch.cat([left.expand(1, 8, 8, 8), right.expand(1, 8, 8, 8)], dim=3)


def raw_rows(
    embedding: torch.Tensor, positions: list[tuple[float, float]], labels: list[int]
) -> torch.Tensor:
    """Maps and cosines of one prompt [R, h, w], before they are mixed."""
    similarity = PromptSimilarity(8, width=8)
    mixed = similarity.mix
    rows: list[torch.Tensor] = []
    # The identity in place of the mixing layer lets everything through that is not negative, and then the rest.
    for sign in (1.0, -1.0):
        mixed.weight = torch.nn.Parameter(sign * torch.eye(mixed.in_features))
        mixed.bias = torch.nn.Parameter(torch.zeros(mixed.in_features))
        prompt = torch.tensor([positions]), torch.tensor([labels])
        maps = PromptMaps.draw(*prompt, GRID)
        rows.append(similarity.features(similarity.descriptors(embedding), *prompt, maps, GRID)[0])
    return (rows[0] - rows[1]).unflatten(1, GRID.shape).detach()


def test_a_click_finds_the_cells_that_look_like_its_own(halves: torch.Tensor) -> None:
    rows = raw_rows(halves, [(0.2, 0.5), (0.0, 0.0)], [FOREGROUND, NOT_A_POINT])
    alike = rows[FOREGROUND_ROWS]
    torch.testing.assert_close(alike[:, :, :8], torch.ones(HEADS, 8, 8), atol=1e-3, rtol=0)
    assert (alike[:, :, 8:] < 0.999).any(dim=0).all()
    for absent in (BACKGROUND_ROWS, INSIDE_ROWS, AROUND_ROWS):
        assert rows[absent].abs().max() == 0


def test_of_several_clicks_the_most_alike_counts(halves: torch.Tensor) -> None:
    rows = raw_rows(halves, [(0.2, 0.5), (0.8, 0.5), (0.2, 0.2)], [FOREGROUND, FOREGROUND, BACKGROUND])
    torch.testing.assert_close(rows[FOREGROUND_ROWS], torch.ones(HEADS, *GRID.shape), atol=1e-3, rtol=0)
    torch.testing.assert_close(rows[BACKGROUND_ROWS, :, :8], torch.ones(HEADS, 8, 8), atol=1e-3, rtol=0)


def test_a_box_looks_at_its_middle_and_at_its_surroundings(halves: torch.Tensor) -> None:
    rows = raw_rows(halves, [(0.0, 0.0), (0.5, 1.0)], [BOX_TOP_LEFT, BOX_BOTTOM_RIGHT])
    torch.testing.assert_close(rows[INSIDE_ROWS, :, :8], torch.ones(HEADS, 8, 8), atol=1e-3, rtol=0)
    torch.testing.assert_close(rows[AROUND_ROWS, :, 8:], torch.ones(HEADS, 8, 8), atol=1e-3, rtol=0)


def test_the_weights_of_a_look_add_up_to_one() -> None:
    cells = GRID.centres_in_rows(torch.device("cpu"))
    points = weights_of_points(torch.tensor([[[0.31, 0.77], [0.0, 1.0]]]), cells, GRID)
    torch.testing.assert_close(points.sum(dim=-1), torch.ones(1, 2))
    corners = torch.tensor([[[0.2, 0.2], [0.5, 0.6]]])
    boxes = weights_of_boxes(corners, torch.tensor([[BOX_TOP_LEFT, BOX_BOTTOM_RIGHT]]), cells)
    torch.testing.assert_close(boxes.sum(dim=-1), torch.ones(1, 2))
    assert weights_of_boxes(corners, torch.tensor([[FOREGROUND, BACKGROUND]]), cells).abs().max() == 0


def test_a_model_with_similarity_wants_to_know_the_image() -> None:
    encoder = build_sam(SIMILAR).prompt_encoder
    click = torch.tensor([[[10.0, 10.0]]]), torch.tensor([[FOREGROUND]])
    with pytest.raises(ValueError, match="give `image`"):
        encoder(click, None, None)
    with pytest.raises(ValueError, match="needs them"):
        build_sam(replace(SIMILAR, prompt_maps=False))


def test_prompts_of_several_images_are_compared_with_their_own() -> None:
    torch.manual_seed(0)
    encoder = build_sam(SIMILAR).prompt_encoder
    embeddings = torch.randn(2, 128, 64, 64)
    clicks = torch.tensor([[[100.0, 100.0]], [[300.0, 200.0]]]), torch.tensor([[1], [1]])
    with torch.no_grad():
        encoder.prompt_similarity.project.weight.normal_()  # type: ignore[union-attr]
        index = torch.tensor([1, 0])
        together = encoder(*[clicks, None, None], image=ImageOfPrompts(embeddings, index))[1]
        for prompt, image in enumerate(index):
            one = tuple(part[prompt : prompt + 1] for part in clicks)
            alone = encoder(one, None, None, image=ImageOfPrompts(embeddings[image : image + 1]))[1]
            torch.testing.assert_close(together[prompt], alone[0], atol=1e-5, rtol=1e-5)


def test_weights_from_before_a_part_was_added_still_load() -> None:
    older = replace(SIMILAR, prompt_similarity=False, mask_quality=False, mask_smoothing=0)
    state = build_sam(older).state_dict()
    assert config_for_weights("anymask_s", shapes_of(state)) == older
    assert sam_from_state_dict("anymask_s", state).prompt_encoder.prompt_similarity is None
    state.pop("mask_decoder.iou_token.weight")
    with pytest.raises(RuntimeError, match="iou_token"):
        sam_from_state_dict("anymask_s", state)
