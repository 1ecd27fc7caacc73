"""Edges without any model, as soft maps for the same benchmark: Sobel's operator and Canny's detector (1986).

All look at the photograph's brightness (ITU-R BT.601). 1 is the edge from black to white, in every photograph alike: one
threshold means the same contrast in all of them.
"""

import numpy as np
from scipy import ndimage

from models.sam.evaluation.edges.thinning import suppress_non_maxima

CANNY_SIGMA = 2.0  # pixels
HYSTERESIS = (
    0.4  # low threshold as a share of the high one, MATLAB's, with which the benchmark's Canny was run
)
_LEVELS = 99
_WITH_DIAGONALS = np.ones((3, 3), bool)


def sobel_edges(photograph: np.ndarray) -> np.ndarray:
    """The magnitude of Sobel's gradient, thinned along it, float32 [H, W] in 0..1, of RGB uint8 [H, W, 3]."""
    grey = brightness(photograph)
    gradient = np.stack([ndimage.sobel(grey, axis, mode="nearest") for axis in (0, 1)])
    return _ridges(gradient / 4)


def canny_edges(photograph: np.ndarray, sigma: float = CANNY_SIGMA) -> np.ndarray:
    """Canny's detector as a soft map: the gradient of a Gaussian of `sigma` pixels, thinned along it, float32 [H, W].

    The benchmark's sweep over thresholds is that over Canny's high one, with the low one equal to it: no hysteresis. RGB
    uint8 [H, W, 3].
    """
    grey = brightness(photograph)
    orders = ((1, 0), (0, 1))
    gradient = np.stack([ndimage.gaussian_filter(grey, sigma, order, mode="nearest") for order in orders])
    return _ridges(gradient * (sigma * np.sqrt(2 * np.pi)))


def canny_hysteresis_edges(photograph: np.ndarray, sigma: float = CANNY_SIGMA) -> np.ndarray:
    """The same with hysteresis: at each high threshold also what hangs together with it above `HYSTERESIS` of it.

    A pixel's value is the highest of 99 thresholds at which the detector shows it.
    """
    return with_hysteresis(canny_edges(photograph, sigma))


def with_hysteresis(ridges: np.ndarray, low_share: float = HYSTERESIS) -> np.ndarray:
    """The highest of 99 levels at which a pixel of a soft map [H, W] is above `low_share` of the level and connected,
    diagonally too, among such pixels with one that reaches it; float32."""
    levels = np.arange(1, _LEVELS + 1) / (_LEVELS + 1)
    found = np.zeros(ridges.shape, np.float32)
    for level in levels:
        labels, count = ndimage.label(ridges >= low_share * level, _WITH_DIAGONALS)
        is_strong = np.zeros(count + 1, bool)
        is_strong[labels[ridges >= level]] = True
        is_strong[0] = False
        # A hair above, so that single precision does not round it below the level it stands for.
        found[is_strong[labels]] = np.nextafter(np.float32(level), np.float32(1))
    return found


def brightness(photograph: np.ndarray) -> np.ndarray:
    """Float32 [H, W] in 0..1 of RGB uint8 [H, W, 3]."""
    return photograph.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32) / 255


def _ridges(gradient: np.ndarray) -> np.ndarray:
    """The magnitude of gradients (y, x) [2, H, W] where it is largest along them, 1 at most, float32."""
    magnitude = np.hypot(*gradient)
    across = gradient / np.maximum(magnitude, np.finfo(np.float32).tiny)
    return np.minimum(suppress_non_maxima(magnitude, across), 1)
