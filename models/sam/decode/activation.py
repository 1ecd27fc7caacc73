"""ReLU and GELU as WebAssembly is fast at them."""

import torch
from torch import Tensor, nn


def positive(x: Tensor) -> Tensor:
    """ReLU as the larger of two numbers.

    onnxruntime's own operators for it, ReLU, Clip and a product's activation, jump at every sign in WebAssembly: after a
    product with 32 columns they took as long as half of it, and this next to nothing.
    """
    return torch.maximum(x, torch.zeros((), dtype=x.dtype))


def in_tanh_form(activation: nn.Module) -> nn.Module:
    """GELU by tanh instead of erf (Hendrycks and Gimpel, section 2); others as they are.

    A fifth of a click went into erf over three million values, which WebAssembly takes twice as long for as for tanh.
    The forms differ by at most 5e-4, no more than weights stored as float16 make of values around 1.
    """
    return nn.GELU("tanh") if isinstance(activation, nn.GELU) else activation
