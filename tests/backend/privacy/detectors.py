"""Detectors as somebody else may write them, named by PRIVACY_DETECTOR: quick, and right about one thing."""

from collections.abc import Collection

import numpy as np

from backend.privacy.detecting import Detection, Kind

CORNER = "tests.backend.privacy.detectors.CornerDetector"
BROKEN = "tests.backend.privacy.detectors.BrokenDetector"
STUBBORN = "tests.backend.privacy.detectors.StubbornDetector"


class CornerDetector:
    """The upper left quarter of a picture is a face as long as its pixels differ much from their neighbours."""

    name = "corner 1"

    def detect(self, pixels: np.ndarray, kinds: Collection[Kind], *, is_strict: bool) -> list[Detection]:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        steps = np.abs(np.diff(pixels[:height, :width].astype(int), axis=1))
        if Kind.FACE not in kinds or steps.mean() < (6 if is_strict else 12):
            return []
        return [Detection(Kind.FACE, (0, 0, width, height), float(steps.mean()))]


class BrokenDetector:
    name = "broken 1"

    def detect(self, pixels: np.ndarray, kinds: Collection[Kind], *, is_strict: bool) -> list[Detection]:
        raise MemoryError("no room for the network")


class StubbornDetector:
    """Whatever is done, there is a plate in the middle."""

    name = "stubborn 1"

    def detect(self, pixels: np.ndarray, kinds: Collection[Kind], *, is_strict: bool) -> list[Detection]:
        height, width = pixels.shape[:2]
        box = (width // 4, height // 4, width // 4 + max(1, width // 2), height // 4 + max(1, height // 2))
        return [Detection(Kind.PLATE, box, 1.0)]
