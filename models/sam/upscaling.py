"""Low-res masks at the photograph's size without the picture between: the same bilinear steps, as one of few taps.

`postprocess.upscale_masks` goes from L to S pixels a side and from there to the photograph, two passes over pictures of
a million pixels. Both steps are linear and treat rows and columns alike, so each pixel of a row is a weighted sum of at
most a few low-res pixels, which are known once per photograph. A mask takes a fifth of the time or less on a CPU.

Shape letters: m masks, L low-res side, h x w the photograph's size, t taps.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


class MaskUpscaling:
    """Sizes as in `postprocess.upscale_masks`, (h, w) each; what it answers differs by rounding."""

    def __init__(
        self,
        low_res_side: int,
        image_size: int,
        input_size: tuple[int, int],
        original_size: tuple[int, int],
        device: torch.device,
    ) -> None:
        self._rows, self._columns = (
            _taps(low_res_side, image_size, inside, outside, device)
            for inside, outside in zip(input_size, original_size, strict=True)
        )

    def __call__(self, logits_mLL: Tensor) -> Tensor:
        """[m, L, L] -> [m, h, w]."""
        widened_mwL = _summed(logits_mLL.mT, *self._columns)
        return _summed(widened_mwL.mT, *self._rows)


def _taps(low: int, side: int, inside: int, outside: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Places int64 and weights [outside, t] of the `low` pixels that are stretched to `side`, cut to `inside` and brought
    to `outside` pixels."""
    matrix = _bilinear(inside, outside) @ _bilinear(low, side)[:inside]
    is_used = matrix != 0
    count = int(is_used.sum(dim=1).max())
    first = is_used.int().argmax(dim=1).clamp(max=low - count)
    places = first[:, None] + torch.arange(count)
    return places.to(device), matrix.gather(1, places).float().to(device)


def _bilinear(inside: int, outside: int) -> Tensor:
    """Matrix float64 [outside, inside] of torch's bilinear interpolation (align_corners false) along one axis.

    Positions are rounded to float32 as torch rounds them: at a thousand pixels that moves them by more than all other
    rounding.
    """
    scale = torch.tensor(inside / outside, dtype=torch.float32)
    positions = (scale * (torch.arange(outside, dtype=torch.float32) + 0.5) - 0.5).clamp(min=0)
    before = positions.long().clamp(max=inside - 1)
    after = (before + 1).clamp(max=inside - 1)
    share = (positions - before).double()
    matrix = torch.zeros(outside, inside, dtype=torch.float64)
    rows = torch.arange(outside)
    matrix.index_put_((rows, before), 1 - share, accumulate=True)
    matrix.index_put_((rows, after), share, accumulate=True)
    return matrix


def _summed(rows_mLx: Tensor, places: Tensor, weights: Tensor) -> Tensor:
    """[m, L, x] -> [m, n, x]: weighted sums of whole rows, places and weights [n, t]."""
    masks, low, width = rows_mLx.shape
    # torch's one operator that gathers, weighs and adds in one pass.
    bags = places + low * torch.arange(masks, device=places.device)[:, None, None]
    table = rows_mLx.reshape(masks * low, width)
    summed = F.embedding_bag(
        bags.flatten(0, 1), table, mode="sum", per_sample_weights=weights.repeat(masks, 1)
    )
    return summed.unflatten(0, (masks, -1))
