"""The last touch on low-res masks: a fixed blur of two pixels.

Not in the paper. A cell of the embedding grid is four low-res pixels wide, and transposed convolutions that do not
overlap leave a pattern in the rhythm of a cell, or of half of one, where a small model is unsure: holes and combed edges.
The kernel, 1 2 2 2 1 both ways, answers exactly these two frequencies with zero.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# By a kernel's side: a row of it is what adding a row to itself, moved by each of these, makes of a single one.
# Three is how the first weights were smoothed; it answers only half a cell's rhythm.
MOVES = {3: (1, 1), 5: (1, 2, 1)}


class MaskSmoothing(nn.Module):
    """Blurs logits [N, M, L, L]; the kernel is saved with the weights, so that they say that, and how, they want it."""

    kernel: Tensor

    def __init__(self, side: int) -> None:
        """`side` of the kernel, one of `MOVES`; KeyError for another."""
        super().__init__()
        self.side = side
        single = torch.zeros(1, 1, side, side, device="cpu")
        single[..., side // 2, side // 2] = 1
        self.register_buffer("kernel", by_sums(single, side)[0, 0])

    def forward(self, logits_NMLL: Tensor) -> Tensor:
        """The same shape. Zeros beyond the border make logits there smaller, never of another sign."""
        return by_sums(logits_NMLL, self.side)


def by_sums(logits_NMLL: Tensor, side: int) -> Tensor:
    """The blur as sums of neighbours.

    A convolution of one channel is slow everywhere: in the browser it takes more than twice as long (5 x 5), in
    training on a CPU twenty times, there and back.
    """
    x = F.pad(logits_NMLL, [side // 2] * 4)
    for move in MOVES[side]:
        x = x[..., :-move] + x[..., move:]
        x = x[..., :-move, :] + x[..., move:, :]
    return x / 4 ** len(MOVES[side])
