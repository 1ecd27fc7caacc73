"""The cells of an embedding, and where they lie in the input.

Frame: the unit square over the whole input, XY.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Grid:
    """`rows` x `columns` cells: the whole input, or a window of it.

    A window has the size of its cells from the input it is cut from, so that what is drawn in it looks as it does there:
    `whole` are that input's (rows, columns), `top` and `left` the window's first cell.
    """

    rows: int
    columns: int
    whole: tuple[int, int] | None = None
    top: int = 0
    left: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.rows, self.columns

    @property
    def whole_shape(self) -> tuple[int, int]:
        """(rows, columns) of the whole input."""
        return self.whole or self.shape

    @property
    def share(self) -> float:
        """Of the whole input's cells."""
        rows, columns = self.whole_shape
        return self.rows * self.columns / (rows * columns)

    def centres(self, device: torch.device) -> Tensor:
        """Centres of the cells [rows, columns, 2]."""
        height, width = self.whole_shape
        y = (torch.arange(self.rows, device=device, dtype=torch.float32) + (self.top + 0.5)) / height
        x = (torch.arange(self.columns, device=device, dtype=torch.float32) + (self.left + 0.5)) / width
        shape = self.shape
        return torch.stack([x[None, :].expand(shape), y[:, None].expand(shape)], dim=-1)

    def centres_in_rows(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """X and Y [P] of the cells' centres, row after row."""
        x, y = self.centres(device).flatten(0, 1).unbind(dim=1)
        return x, y
