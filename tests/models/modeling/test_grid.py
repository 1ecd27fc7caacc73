"""A window of a grid: what is drawn in it is what the whole grid shows there."""

import torch

from models.sam.build import build_sam
from models.sam.modeling.grid import Grid
from models.sam.modeling.labels import BACKGROUND, BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, FOREGROUND
from models.sam.modeling.prompt_encoder import ImageOfPrompts

WHOLE = Grid(64, 64)
WINDOW = Grid(32, 32, whole=(64, 64), top=20, left=9)
AT = (slice(None), slice(None), slice(20, 52), slice(9, 41))


def test_positions_in_a_window_are_those_of_the_whole() -> None:
    encoder = build_sam("anymask_s").prompt_encoder
    torch.testing.assert_close(encoder.get_dense_pe(WINDOW), encoder.get_dense_pe(WHOLE)[AT])
    assert WINDOW.share == 0.25
    assert WHOLE.share == 1


def test_prompts_are_drawn_in_a_window_as_in_the_whole() -> None:
    torch.manual_seed(0)
    encoder = build_sam("anymask_s").prompt_encoder
    assert encoder.prompt_similarity is not None
    torch.nn.init.normal_(encoder.prompt_similarity.project.weight)
    embedding = torch.randn(1, encoder.embed_dim, 64, 64)
    # Pixels of the whole input, eight a cell: all of them, and the box's surroundings, lie in the window.
    coords = torch.tensor([[[200.0, 250.0], [150.0, 300.0], [185.0, 235.0], [220.0, 270.0]]])
    labels = torch.tensor([[FOREGROUND, BACKGROUND, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT]])
    prompt = coords, labels, None, (512, 512)
    expected = encoder.embed_dense(*prompt, WHOLE, ImageOfPrompts(embedding))[AT]
    drawn = encoder.embed_dense(*prompt, WINDOW, ImageOfPrompts(embedding[AT]))
    # The whole grid knows surroundings beyond the window, though few.
    assert (drawn - expected).abs().mean() < 0.02 * expected.abs().mean()
    elsewhere = encoder.embed_dense(*prompt, Grid(32, 32), ImageOfPrompts(embedding[AT]))
    assert (elsewhere - expected).abs().mean() > 0.2 * expected.abs().mean()
