"""Identities of the browser's decoder, each against its plain form."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from models.sam.decode.activation import positive
from models.sam.decode.graphs import PrepareImage, blocks_of, positions_of
from models.sam.decode.norm import CentredNorm
from models.sam.decode.quality import QualityOfRows, halved
from models.sam.decode.upscale import FirstConvolution, UpscaleRows, blurred
from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.mask_quality import MaskQuality
from models.sam.modeling.mask_smoothing import MOVES, MaskSmoothing
from models.sam.modeling.sam import Sam


def random_(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module with parameters that are nowhere at their neutral start."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=random))
    return module


@pytest.mark.parametrize("activation", [nn.ReLU, nn.GELU])
@pytest.mark.parametrize("side", [None, *MOVES])
@torch.no_grad()
def test_rows_of_pixels_are_those_of_the_convolutions(activation: type[nn.Module], side: int | None) -> None:
    width, height, columns = 32, 3, 5  # no square: rows and columns must not be mistaken for each other
    upscaling = random_(
        nn.Sequential(
            nn.ConvTranspose2d(width, width // 4, kernel_size=2, stride=2),
            LayerNorm2d(width // 4),
            activation(),
            nn.ConvTranspose2d(width // 4, width // 8, kernel_size=2, stride=2),
            activation(),
        )
    )
    assert isinstance(upscaling, nn.Sequential)
    random = torch.Generator().manual_seed(1)
    rows, offset = torch.randn(15, width, generator=random), torch.randn(width, generator=random)
    hyper = torch.randn(4, width // 8, generator=random)
    smoothing = None if side is None else MaskSmoothing(side)
    upscale = UpscaleRows(upscaling, (height, columns), smoothing=smoothing)
    answer = upscale(FirstConvolution(upscaling, offset)(rows), hyper)
    image = (rows + offset).T.reshape(1, width, height, columns)
    expected = (hyper @ upscaling(image)[0].flatten(1)).reshape(4, 4 * height, 4 * columns)
    if smoothing is not None:
        expected = smoothing(expected[None])[0]
    torch.testing.assert_close(answer, expected[None], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("side", list(MOVES))
def test_a_long_row_is_blurred_as_rows_are(side: int) -> None:
    masks = torch.randn(3, 9, 7, generator=torch.Generator().manual_seed(2))
    expected = MaskSmoothing(side)(masks[None])
    torch.testing.assert_close(blurred(masks, MOVES[side]) / 4 ** len(MOVES[side]), expected)
    assert torch.equal(blurred(masks, ()), masks[None])


@torch.no_grad()
def test_quality_of_rows_is_that_of_cells() -> None:
    random = torch.Generator().manual_seed(3)
    quality = random_(MaskQuality(16))
    assert isinstance(quality, MaskQuality)
    logits, rows = 5 * torch.randn(4, 16, 24, generator=random), torch.randn(4 * 6, 16, generator=random)
    offset, iou = torch.randn(16, generator=random), torch.randn(1, 16, generator=random)
    tokens = torch.randn(4, 16, generator=random)
    expected = quality(logits[None], (rows + offset)[None], iou, tokens[None])[0]
    torch.testing.assert_close(QualityOfRows(quality, offset)(logits, rows, iou, tokens), expected)
    torch.testing.assert_close(halved(logits), F.avg_pool2d(logits[None], 2)[0])


def test_a_rows_scale_is_what_its_norm_multiplies_it_by() -> None:
    x = torch.randn(5, 64, generator=torch.Generator().manual_seed(4))
    norm = CentredNorm(nn.LayerNorm(64))
    torch.testing.assert_close(norm.scale(x) * x * norm.gain, norm(x))


def test_positive_is_relu() -> None:
    x = torch.tensor([-2.0, -0.0, 0.0, 3.0, torch.inf, -torch.inf])
    torch.testing.assert_close(positive(x), x.relu())
    assert positive(torch.tensor([torch.nan])).isnan().all()


@torch.no_grad()
def test_what_is_prepared_is_what_the_first_layer_projects(tiny_sam: Sam) -> None:
    encoder, block = tiny_sam.prompt_encoder, blocks_of(tiny_sam)[0]
    embedding = torch.randn(1, encoder.embed_dim, *encoder.image_embedding_size)
    graph = PrepareImage(tiny_sam)
    prepared = dict(zip(graph.names, graph(embedding), strict=True))
    cells = embedding[0].flatten(1).T + encoder.no_mask_embed.weight
    placed = cells + positions_of(encoder)
    inner, outer = block.cross_attn_token_to_image, block.cross_attn_image_to_token
    expected = {
        "cells": cells,
        "means": cells.mean(dim=1)[None],
        "keys": placed @ inner.k_proj.weight.T,
        "queries": outer.q_proj(placed),
        "values": cells @ inner.v_proj.weight.T,
    }
    for name in ("keys", "queries", "values"):
        expected[name] = expected[name].T.unflatten(0, (inner.num_heads, -1))
    for name, value in expected.items():
        torch.testing.assert_close(prepared[name], value, atol=1e-5, rtol=1e-4)
