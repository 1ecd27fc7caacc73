"""The forms for training on a CPU give what the library's operators give, there and back."""

import pytest
import torch
from torch import Tensor, nn

from models.sam.modeling.cpu_training import depthwise, masks_from_cells
from models.sam.modeling.mask_decoder import MaskDecoder
from models.sam.modeling.transformer import TwoWayTransformer


def gradients(result: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """Of a sum in which every element of the result counts differently."""
    weights = torch.linspace(-1, 1, result.numel()).reshape(result.shape)
    return list(torch.autograd.grad((result.float() * weights).sum(), inputs))


@pytest.mark.parametrize("shape", [(2, 8, 6, 9), (1, 4, 3, 3)])
def test_the_depthwise_convolution_is_the_librarys(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(shape[1], shape[1], 5, padding=2, groups=shape[1])
    x = torch.randn(shape, requires_grad=True)
    inputs = [x, *conv.parameters()]
    ours, library = depthwise(x, conv), conv(x)
    torch.testing.assert_close(ours, library)
    for mine, theirs in zip(gradients(ours, inputs), gradients(library, inputs), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


def test_in_bfloat16_the_depthwise_gradients_are_within_its_precision() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(16, 16, 5, padding=2, groups=16)
    x = torch.randn(2, 16, 12, 12, requires_grad=True)
    inputs = [x, *conv.parameters()]
    with torch.autocast("cpu", torch.bfloat16):
        ours = depthwise(x, conv)
    assert ours.dtype == torch.bfloat16
    for mine, exact in zip(gradients(ours, inputs), gradients(conv(x), inputs), strict=True):
        assert mine.dtype == torch.float32
        assert (mine - exact).norm() / exact.norm() < 0.01


def test_masks_made_of_rows_are_those_of_the_transposed_convolutions() -> None:
    torch.manual_seed(0)
    upscaling = MaskDecoder(32, TwoWayTransformer(1, 32, 4, 64)).output_upscaling
    cells = torch.randn(2, 15, 32, requires_grad=True)
    hyper = torch.randn(2, 4, 4, requires_grad=True)
    inputs = [cells, hyper, *upscaling.parameters()]
    upscaled = upscaling(cells.transpose(1, 2).unflatten(2, (3, 5)))
    usual = (hyper @ upscaled.flatten(2)).unflatten(2, upscaled.shape[2:])
    ours = masks_from_cells(cells, upscaling, hyper, (3, 5))
    assert ours.shape == (2, 4, 12, 20)
    torch.testing.assert_close(ours, usual)
    for mine, theirs in zip(gradients(ours, inputs), gradients(usual, inputs), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)
