"""TinyViT against a plain restatement of its specification: loops over windows and heads, norms not folded, float64."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.build import build_sam, model_config, sam_from_state_dict
from models.sam.modeling.tiny_vit import ConvNorm, TinyViT, TinyViTConfig, offset_indices

# Windows of 3 on 8 x 8 cells and of 3 on 4 x 4 need padding, windows of 4 on 4 x 4 need none.
SMALL = TinyViTConfig((8, 16, 24, 32), (1, 1, 2, 1), (2, 2, 1), (2, 3, 4), (3, 4, 3), num_classes=5)
OUT = 12


def filled(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module in eval mode with all its saved numbers away from their neutral start."""
    random = torch.Generator().manual_seed(seed)
    state = {}
    for name, value in module.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(7)
        elif name.endswith("running_var"):
            state[name] = 0.5 + torch.rand(value.shape, generator=random)
        else:
            state[name] = value + 0.3 * torch.randn(value.shape, generator=random)
    module.load_state_dict(state)
    return module.eval()


@pytest.fixture(scope="module")
def encoder() -> TinyViT:
    module = filled(SMALL.build(64, OUT))
    assert isinstance(module, TinyViT)
    return module


@pytest.fixture(scope="module")
def state(encoder: TinyViT) -> dict[str, Tensor]:
    return {name: value.double() for name, value in encoder.state_dict().items()}


def plain_conv(
    state: Mapping[str, Tensor], name: str, x_BCHW: Tensor, stride: int = 1, depthwise: bool = False
) -> Tensor:
    weight = state[f"{name}.c.weight"]
    x = F.conv2d(x_BCHW, weight, None, stride, weight.shape[-1] // 2, groups=len(weight) if depthwise else 1)
    norm = [state[f"{name}.bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
    return F.batch_norm(x, *norm, eps=1e-5)


def plain_norm(state: Mapping[str, Tensor], name: str, x: Tensor, eps: float = 1e-5) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    spread = (centred**2).mean(-1, keepdim=True) + eps
    return centred / spread.sqrt() * state[f"{name}.weight"] + state[f"{name}.bias"]


def first_met(window: int) -> dict[tuple[int, int], int]:
    """(|dy|, |dx|) -> place in the table of biases, as met when all pairs of cells are gone through."""
    cells = list(product(range(window), range(window)))
    places: dict[tuple[int, int], int] = {}
    for query, key in product(cells, cells):
        places.setdefault((abs(query[0] - key[0]), abs(query[1] - key[1])), len(places))
    return places


def plain_attention(state: Mapping[str, Tensor], name: str, x_HWC: Tensor, window: int, heads: int) -> Tensor:
    height, width, channels = x_HWC.shape
    rows, columns = -(-height // window), -(-width // window)
    padded = torch.zeros(rows * window, columns * window, channels, dtype=x_HWC.dtype)
    padded[:height, :width] = x_HWC
    out = torch.zeros_like(padded)
    weight, bias = state[f"{name}.qkv.weight"], state[f"{name}.qkv.bias"]
    table, places, size = state[f"{name}.attention_biases"], first_met(window), channels // heads
    cells = list(product(range(window), range(window)))
    for row, column in product(range(rows), range(columns)):
        here = [(row * window + y, column * window + x) for y, x in cells]
        tokens = plain_norm(state, f"{name}.norm", torch.stack([padded[place] for place in here]))
        answers = []
        for head in range(heads):
            first = 3 * size * head
            parts = [
                tokens @ weight[start : start + size].T + bias[start : start + size]
                for start in (first, first + size, first + 2 * size)
            ]
            logits = parts[0] @ parts[1].T / np.sqrt(size)
            for i, j in product(range(len(cells)), range(len(cells))):
                (y, x), (v, u) = cells[i], cells[j]
                logits[i, j] += table[head, places[abs(y - v), abs(x - u)]]
            answers.append(logits.softmax(-1) @ parts[2])
        joined = torch.cat(answers, 1) @ state[f"{name}.proj.weight"].T + state[f"{name}.proj.bias"]
        for place, token in zip(here, joined, strict=True):
            out[place] = token
    return out[:height, :width]


def plain_block(state: Mapping[str, Tensor], name: str, x_1CHW: Tensor, window: int, heads: int) -> Tensor:
    x_HWC = x_1CHW[0].permute(1, 2, 0)
    x_HWC = x_HWC + plain_attention(state, f"{name}.attn", x_HWC, window, heads)
    x_1CHW = plain_conv(state, f"{name}.local_conv", x_HWC.permute(2, 0, 1)[None], depthwise=True)
    x_HWC = x_1CHW[0].permute(1, 2, 0)
    hidden = plain_norm(state, f"{name}.mlp.norm", x_HWC)
    hidden = F.gelu(hidden @ state[f"{name}.mlp.fc1.weight"].T + state[f"{name}.mlp.fc1.bias"])
    x_HWC = x_HWC + hidden @ state[f"{name}.mlp.fc2.weight"].T + state[f"{name}.mlp.fc2.bias"]
    return x_HWC.permute(2, 0, 1)[None]


def plain_three(state: Mapping[str, Tensor], name: str, x_BCHW: Tensor, stride: int) -> Tensor:
    x = F.gelu(plain_conv(state, f"{name}.conv1", x_BCHW))
    x = F.gelu(plain_conv(state, f"{name}.conv2", x, stride, depthwise=True))
    return plain_conv(state, f"{name}.conv3", x)


def plain_encoder(state: Mapping[str, Tensor], config: TinyViTConfig, x_13HW: Tensor) -> Tensor:
    x = plain_conv(state, "patch_embed.seq.0", x_13HW, 2)
    x = plain_conv(state, "patch_embed.seq.2", F.gelu(x), 2)
    for stage, depth in enumerate(config.depths):
        for index in range(depth):
            name = f"layers.{stage}.blocks.{index}"
            if stage:
                x = plain_block(state, name, x, config.window_sizes[stage - 1], config.num_heads[stage - 1])
            else:
                x = F.gelu(x + plain_three(state, name, x, 1))
        if stage < len(config.strides):
            x = plain_three(state, f"layers.{stage}.downsample", x, config.strides[stage])
    x = F.conv2d(x, state["neck.0.weight"])
    x = plain_norm(state, "neck.1", x.permute(0, 2, 3, 1), 1e-6).permute(0, 3, 1, 2)
    x = F.conv2d(x, state["neck.2.weight"], padding=1)
    return plain_norm(state, "neck.3", x.permute(0, 2, 3, 1), 1e-6).permute(0, 3, 1, 2)


def picture(*size: int, seed: int = 1) -> Tensor:
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("window", [1, 3, 7, 14])
def test_biases_are_numbered_as_distances_are_first_met(window: int) -> None:
    places = first_met(window)
    cells = list(product(range(window), range(window)))
    expected = [[places[abs(y - v), abs(x - u)] for v, u in cells] for y, x in cells]
    assert offset_indices(window).tolist() == expected
    assert len(places) == window * window


@pytest.mark.parametrize(("stride", "groups"), [(1, 1), (2, 1), (1, 6), (2, 6)])
@torch.no_grad()
def test_the_norm_in_the_convolution_is_the_norm_after_it(stride: int, groups: int) -> None:
    module = filled(ConvNorm(6, 6, 3, stride, groups))
    assert isinstance(module, ConvNorm)
    x = picture(2, 6, 9, 11)
    expected = module.bn(module.c(x))
    torch.testing.assert_close(module(x), expected, atol=1e-5, rtol=1e-4)
    mean = module.bn.running_mean.clone()
    torch.testing.assert_close(module.train()(x), expected, atol=1e-5, rtol=1e-4)
    assert torch.equal(module.bn.running_mean, mean)


@pytest.mark.parametrize(("stage", "side"), [(1, 8), (2, 4), (3, 4)])
@torch.no_grad()
def test_a_block_is_what_the_specification_says(
    encoder: TinyViT, state: dict[str, Tensor], stage: int, side: int
) -> None:
    x = picture(1, SMALL.widths[stage], side, side + 1)  # no square: rows are no columns
    window, heads = SMALL.window_sizes[stage - 1], SMALL.num_heads[stage - 1]
    expected = plain_block(state, f"layers.{stage}.blocks.0", x.double(), window, heads)
    answer = encoder.layers[stage].blocks[0](x)
    torch.testing.assert_close(answer.double(), expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("size", [(64, 64), (48, 80)])
@torch.no_grad()
def test_the_encoder_is_what_the_specification_says(
    encoder: TinyViT, state: dict[str, Tensor], size: tuple[int, int]
) -> None:
    x = picture(1, 3, *size)
    expected = plain_encoder(state, SMALL, x.double())
    assert expected.shape == (1, OUT, size[0] // 16, size[1] // 16)
    torch.testing.assert_close(encoder(x).double(), expected, atol=5e-5, rtol=1e-4)


@torch.no_grad()
def test_a_batch_equals_single_images(encoder: TinyViT) -> None:
    images = picture(3, 3, 64, 64)
    alone = torch.cat([encoder(image[None]) for image in images])
    torch.testing.assert_close(encoder(images), alone, atol=2e-5, rtol=1e-4)


def test_training_sees_the_same_features_and_reaches_every_weight_but_the_classifiers() -> None:
    module = filled(SMALL.build(64, OUT))
    x = picture(2, 3, 64, 64)
    torch.testing.assert_close(module.train()(x), module.eval()(x), atol=1e-5, rtol=1e-4)
    before = {name: value.clone() for name, value in module.named_buffers()}
    module.train()(x).square().mean().backward()
    without = {name for name, parameter in module.named_parameters() if parameter.grad is None}
    assert without == {"norm_head.weight", "norm_head.bias", "head.weight", "head.bias"}
    assert all(torch.equal(value, before[name]) for name, value in module.named_buffers())


def test_other_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 16"):
        TinyViTConfig().build(1000, 8)
    with pytest.raises(ValueError, match="multiples of 16"):
        SMALL.build(64, 8)(torch.zeros(1, 3, 64, 40))


def test_the_registered_model_has_the_published_numbers() -> None:
    config = model_config("mobile_sam")
    assert (config.image_size, config.embedding_shape) == (1024, (1, 256, 64, 64))
    with torch.device("meta"):
        encoder = build_sam(config).image_encoder
    counts = {name: parameter.numel() for name, parameter in encoder.named_parameters()}
    assert sum(counts.values()) == 6_065_532
    assert sum(count for name, count in counts.items() if "head" in name) == 321_640


def test_what_is_in_no_file_is_there_after_loading() -> None:
    saved = build_sam("mobile_sam").state_dict()
    assert not any("bias_indices" in name for name in saved)
    loaded = sam_from_state_dict("mobile_sam", saved)
    indices = loaded.get_buffer("image_encoder.layers.2.blocks.5.attn.bias_indices")
    assert torch.equal(indices, offset_indices(14))
    tracked = loaded.get_buffer("image_encoder.patch_embed.seq.0.bn.num_batches_tracked")
    assert tracked.dtype == torch.int64
