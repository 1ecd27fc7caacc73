"""How sure a share is that was counted in a sample. Plain values in and out."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

# Of the normal distribution, 95 % lie within so many standard deviations.
_Z: Final = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """`share` of a sample, and between which two shares that of all lies with 95 % confidence."""

    share: float
    low: float
    high: float


def wilson(count: int, total: int) -> Share | None:
    """The share `count` of `total` with Wilson's score interval (1927); None of nothing.

    Unlike the usual one it stays within 0 and 1, and says something where the share is one of these. It takes what was
    counted for independent: masks of one image are not quite, and the true interval is a little wider.
    """
    if not total:
        return None
    share = count / total
    middle = share + _Z**2 / (2 * total)
    reach = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return Share(share, max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale))
