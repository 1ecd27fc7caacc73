"""What a box gives without any model: filled, its ellipse, and OpenCV's GrabCut (Rother et al., 2004).

A model that does not beat these has learnt little. Pixels of the stored image, XYXY boxes with an exclusive end.
OpenCV is needed for GrabCut alone and imported only there.
"""

from types import ModuleType

import numpy as np

from models.sam.errors import ModelError
from models.sam.predictor import SamPredictor
from models.sam.refine import box_mask, crop_window, cut, paste

CROP_SCALE = 2.0  # side of the crop, in longer sides of the box: the margin shows GrabCut the background
BOX_ITERATIONS, ELLIPSE_ITERATIONS = 5, 3
CORE = 0.5  # of the ellipse's axes, held as foreground: else GrabCut gives small objects up (train split: .08 for .48)
COMPONENTS = 5  # Gaussians of each of GrabCut's two colour models; it fails on fewer pixels than these


class BoxBaselines:
    """The rows `box_filled`, `ellipse`, `grabcut_box` and `grabcut_ellipse` (see `protocol.BoxMeasure`).

    ModelError `baselines.no_opencv` if OpenCV is not installed.
    """

    def __init__(self) -> None:
        self.cv2 = _opencv()

    def __call__(
        self, predictor: SamPredictor, photograph: np.ndarray, boxes: np.ndarray
    ) -> dict[str, list[np.ndarray]]:
        size = photograph.shape[0], photograph.shape[1]
        return {
            "box_filled": [box_mask(box, size) for box in boxes],
            "ellipse": [ellipse(box, size) for box in boxes],
            "grabcut_box": [self._grabcut(photograph, box, False) for box in boxes],
            "grabcut_ellipse": [self._grabcut(photograph, box, True) for box in boxes],
        }

    def _grabcut(self, photograph: np.ndarray, box: np.ndarray, from_ellipse: bool) -> np.ndarray:
        size = photograph.shape[0], photograph.shape[1]
        window = crop_window(box, size, CROP_SCALE)
        pixels, inside = cut(photograph, window), cut(box_mask(box, size), window)
        if from_ellipse:
            seed, core = (cut(ellipse(box, size, share), window) for share in (1.0, CORE))
            found = grabcut(self.cv2, pixels, inside, seed, core, ELLIPSE_ITERATIONS)
        else:
            found = grabcut(self.cv2, pixels, inside, inside, np.zeros_like(inside), BOX_ITERATIONS)
        return paste(found, window, size)


def ellipse(box: np.ndarray, size: tuple[int, int], share: float = 1.0) -> np.ndarray:
    """Bool [H, W] of `size`: pixels whose centre lies in the ellipse that touches the box's four sides.

    `share` below 1 shrinks its axes about the centre.
    """
    left, top, right, bottom = box
    xs = (np.arange(size[1]) + 0.5 - (left + right) / 2) / (share * (right - left) / 2)
    ys = (np.arange(size[0]) + 0.5 - (top + bottom) / 2) / (share * (bottom - top) / 2)
    return ys[:, None] ** 2 + xs**2 <= 1


def grabcut(
    cv2: ModuleType,
    pixels: np.ndarray,
    inside: np.ndarray,
    seed: np.ndarray,
    core: np.ndarray,
    iterations: int,
) -> np.ndarray:
    """Foreground bool [h, w] of uint8 pixels [h, w, 3] after so many iterations of GrabCut.

    It starts with `seed` as foreground and can change its mind in all of `inside` (never outside) but `core`, which
    stays foreground; all three are bool [h, w]. The seed itself comes back where a side has too few pixels for a
    colour model, as with a box around the whole image.
    """
    if min(seed.sum(), (~seed).sum()) < COMPONENTS:
        return seed.copy()
    labels = np.full(pixels.shape[:2], cv2.GC_BGD, np.uint8)
    labels[inside] = cv2.GC_PR_BGD
    labels[seed] = cv2.GC_PR_FGD
    labels[core] = cv2.GC_FGD
    cv2.setRNGSeed(0)  # its k-means draws at random: without this, figures depend on what ran before
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(pixels), labels, None, *models, iterations, cv2.GC_INIT_WITH_MASK)
    return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)


def _opencv() -> ModuleType:
    try:
        import cv2
    except ImportError as error:
        raise ModelError(
            "baselines.no_opencv",
            "The GrabCut baselines need OpenCV: pip install -r requirements/dev.txt.",
        ) from error
    return cv2
