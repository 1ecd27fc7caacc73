"""The narrower decoder: closed forms to begin with, then a fit of the upscaling to the logits of the one before.

Shape letters: N prompts, S cells drawn of each prompt, C width, F features that prompts draw, r their rank, M masks, K
and k width of pixels before and after, R rows, a passive channels, h w sides of a kernel.
"""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.cpu_training import rows_of_transposed
from models.sam.modeling.mask_decoder import MLP
from models.sam.modeling.sam import Sam
from models.sam.narrowing.observe import NarrowConfig, Observations, check


def narrowed(sam: Sam, observations: Observations, config: NarrowConfig) -> tuple[Sam, float]:
    """The model with a narrower decoder, and how far its logits are from those before (root mean square, as a share of
    theirs, near where masks end). ValueError as `check`."""
    check(sam, config)
    torch.manual_seed(config.seed)
    sam = copy.deepcopy(sam).cpu().float()
    narrow_prompts(sam, observations.moments, config.prompt_rank)
    deviation = narrow_upscaling(sam, observations, config)
    return sam.eval(), deviation


@torch.no_grad()
def narrow_prompts(sam: Sam, moments_FF: Tensor, rank: int) -> None:
    """The best approximation of that rank to what the prompts' features add to the cells, in the mean of squares."""
    encoder = sam.prompt_encoder
    maps, similarity = encoder.prompt_maps, encoder.prompt_similarity
    assert maps is not None
    assert similarity is not None
    matrix_FC = torch.cat([maps.project.weight.T, similarity.project.weight.T]).double()
    values, vectors = torch.linalg.eigh(moments_FF)
    root_FF = values.clamp(min=0).sqrt()[:, None] * vectors.T
    axes_rC = torch.linalg.svd(root_FF @ matrix_FC, full_matrices=False)[2][:rank]
    narrow_rF = axes_rC @ matrix_FC.T
    # Features of about the same size: weights are stored as float16.
    size_r1 = (narrow_rF @ moments_FF * narrow_rF).sum(dim=1, keepdim=True).sqrt().clamp(min=1e-3)
    narrow_rF = (narrow_rF / size_r1).float()
    split = maps.project.in_features
    maps.project = _matrix(narrow_rF[:, :split])
    similarity.project = _matrix(narrow_rF[:, split:])
    encoder.prompt_widening = _matrix((axes_rC * size_r1).T.float())


def narrow_upscaling(sam: Sam, observations: Observations, config: NarrowConfig) -> float:
    """Fits narrower transposed convolutions, and what masks multiply their pixels by, to the logits of those before."""
    decoder = sam.mask_decoder
    wide = decoder.output_upscaling
    with torch.no_grad():
        kept = pixels_kept(wide, observations, config.upscaling_widths[1])
        narrow = narrow_start(wide, observations.cells, config, kept)
        turn_MKk = kept[1].repeat(observations.vectors.shape[1], 1, 1)
    turn_MKk = nn.Parameter(turn_MKk)
    shift_Mk = nn.Parameter(torch.zeros(turn_MKk.shape[0], turn_MKk.shape[2]))
    parameters = [*narrow.parameters(), turn_MKk, shift_Mk]
    optimizer = torch.optim.Adam(parameters, lr=config.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=0.02, cycle_momentum=False
    )
    generator = torch.Generator().manual_seed(config.seed)
    errors: list[float] = []
    for _ in range(config.steps):
        batch = torch.randint(len(observations.cells), (4,), generator=generator)
        cells, vectors = observations.cells[batch].float(), observations.vectors[batch]
        with torch.no_grad():
            expected = logits_of(wide, cells, vectors)
            # Where masks end counts most.
            weight = 2 * torch.sigmoid(-expected.abs() / 3) + 0.1
            spread = (weight * (expected - expected.mean(dim=(0, 1))).square()).sum().clamp(min=1e-6)
        turned = torch.einsum("NMK,MKk->NMk", vectors, turn_MKk) + shift_Mk
        loss = (weight * (logits_of(narrow, cells, turned) - expected).square()).sum() / spread
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        errors.append(float(loss.detach()))
    decoder.output_upscaling = narrow
    with torch.no_grad():
        for mlp, turn_Kk, shift_k in zip(decoder.output_hypernetworks_mlps, turn_MKk, shift_Mk, strict=True):
            assert isinstance(mlp, MLP)
            last = mlp.layers[-1]
            assert isinstance(last, nn.Linear)
            mlp.layers[-1] = _matrix(turn_Kk.T @ last.weight, turn_Kk.T @ last.bias + shift_k)
    return float(np.mean(errors[-max(1, len(errors) // 10) :])) ** 0.5


def pixels_kept(wide: nn.Sequential, observations: Observations, width: int) -> tuple[Tensor, Tensor]:
    """Indices of the pixels' channels that masks use most, [k], and what the others are taken for by them, [K, k]."""
    pixels_RK = pixels_of(wide, observations.cells[::7].flatten(0, 1).float())
    moments_KK = (pixels_RK.T @ pixels_RK).double() / len(pixels_RK)
    use_K = observations.vectors.flatten(0, 1).double().square().mean(dim=0)
    kept_k = (moments_KK.diag() * use_K).argsort(descending=True)[:width]
    inverse_kk = torch.linalg.pinv(moments_KK[kept_k][:, kept_k], hermitian=True, rtol=1e-6)
    return kept_k, (moments_KK[:, kept_k] @ inverse_kk).float()


def narrow_start(
    wide: nn.Sequential, cells_NSC: Tensor, config: NarrowConfig, kept: tuple[Tensor, Tensor]
) -> nn.Sequential:
    """Where the fit begins: channels that are on most, and for the norm the main axes of those left out."""
    first, norm, _, second, _ = wide
    assert isinstance(first, nn.ConvTranspose2d)
    assert isinstance(norm, LayerNorm2d)
    assert isinstance(second, nn.ConvTranspose2d)
    assert first.bias is not None
    assert second.bias is not None
    weight = first.weight - first.weight.mean(dim=1, keepdim=True)
    bias = first.bias - first.bias.mean()
    before_RK = (
        torch.einsum("RC,CKhw->RhwK", cells_NSC[::7].flatten(0, 1).float(), weight).flatten(0, 2) + bias
    )
    on_K = torch.relu(norm.of_rows(before_RK)).square().mean(dim=0)
    order = on_K.argsort(descending=True)
    active = order[: config.upscaling_widths[0] - config.passive]
    others = order[len(active) :]
    products = before_RK[:, others].T @ before_RK[:, others]
    axes = torch.linalg.eigh(products)[1].T.flip(0)[: config.passive]
    narrow = copy.deepcopy(wide)
    narrow[0] = _convolution(
        torch.cat([weight[:, active], torch.einsum("aK,CKhw->Cahw", axes, weight[:, others])], dim=1),
        torch.cat([bias[active], axes @ bias[others]]),
    )
    # The squares stay about the same, and are shared by fewer.
    share = (config.upscaling_widths[0] / first.out_channels) ** 0.5
    small = torch.full((config.passive,), 0.02)
    narrow_norm = LayerNorm2d(config.upscaling_widths[0], norm.eps)
    narrow_norm.weight.copy_(torch.cat([norm.weight[active] / share, small]))
    narrow_norm.bias.copy_(torch.cat([norm.bias[active], -small]))
    narrow[1] = narrow_norm
    beyond = 0.01 * torch.randn(config.passive, len(kept[0]), *second.kernel_size)
    narrow[3] = _convolution(torch.cat([second.weight[active][:, kept[0]], beyond]), second.bias[kept[0]])
    return narrow


def pixels_of(upscaling: nn.Sequential, cells_RC: Tensor) -> Tensor:
    """Rows of cells -> rows of their 16 pixels each, [16 R, K]."""
    first, norm, on, second, last = upscaling
    assert isinstance(first, nn.ConvTranspose2d)
    assert isinstance(norm, LayerNorm2d)
    assert isinstance(second, nn.ConvTranspose2d)
    quarters: Tensor = on(norm.of_rows(rows_of_transposed(cells_RC, first)))
    pixels: Tensor = last(rows_of_transposed(quarters, second))
    return pixels


def logits_of(upscaling: nn.Sequential, cells_NSC: Tensor, vectors_NMK: Tensor) -> Tensor:
    """Logits [N, 16 S, M] of the pixels of some cells, before they are smoothed."""
    pixels = pixels_of(upscaling, cells_NSC.flatten(0, 1))
    return pixels.unflatten(0, (len(cells_NSC), -1)) @ vectors_NMK.transpose(1, 2)


def _matrix(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.weight.copy_(weight)
    if bias is not None:
        layer.bias.copy_(bias)
    return layer


def _convolution(weight: Tensor, bias: Tensor) -> nn.ConvTranspose2d:
    layer = nn.ConvTranspose2d(weight.shape[0], weight.shape[1], kernel_size=2, stride=2)
    layer.weight.copy_(weight)
    assert layer.bias is not None
    layer.bias.copy_(bias)
    return layer
