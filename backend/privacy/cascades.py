"""Viola-Jones cascades that OpenCV's wheel carries: no download, no GPU, upright and nearly upright faces.

Faces: Lienhart's frontal cascade and Bradley's profile one, which knows one side and is shown the mirrored picture too.
Their files carry Intel's licence for OpenCV, three clauses as BSD's. Plates: two trained on Russian ones, which find
others less often; their files carry no licence of their own, so OpenCV's holds, Apache-2.0.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.privacy.detecting import Detection, Kind

# Pixels of the longer side that is searched. Time grows with its square; a face must be about 1/65 of it to be found.
_LONGEST: Final = 1600
# Smaller pictures are enlarged, twice at most: a face of ten pixels can be known.
_SHORTEST: Final = 640
# From one size of the window to the next.
_STEP: Final = 1.1
# So many windows beside each other must say yes.
_NEIGHBOURS: Final = 3
_NEIGHBOURS_STRICT: Final = 2


@dataclass(frozen=True)
class _Cascade:
    kind: Kind
    file: str
    # (width, height) in searched pixels.
    smallest: tuple[int, int]
    is_mirrored: bool = False


_CASCADES: Final = (
    _Cascade(Kind.FACE, "haarcascade_frontalface_alt2.xml", (24, 24)),
    _Cascade(Kind.FACE, "haarcascade_profileface.xml", (36, 36)),
    _Cascade(Kind.FACE, "haarcascade_profileface.xml", (36, 36), is_mirrored=True),
    _Cascade(Kind.PLATE, "haarcascade_russian_plate_number.xml", (45, 15)),
    _Cascade(Kind.PLATE, "haarcascade_license_plate_rus_16stages.xml", (64, 16)),
)


class CascadeDetector:
    """Scores are the weights of the cascades' last stages: they compare within one cascade, not between two."""

    def __init__(self) -> None:
        # Not before it is needed: a process that blurs nothing does without OpenCV.
        import cv2

        self._cv2: Any = cv2
        self.name = f"opencv-cascades {cv2.__version__}"
        # They keep the picture they last saw: never shared between threads. Reading them takes 30 ms.
        self._classifiers: dict[str, Any] = {}

    def detect(self, pixels: np.ndarray, kinds: Collection[Kind], *, is_strict: bool) -> list[Detection]:
        height, width = pixels.shape[:2]
        grey, scale = self._searched(pixels)
        found = [
            Detection(cascade.kind, _outward(box, scale, width, height), score)
            for cascade in _CASCADES
            if cascade.kind in kinds
            for box, score in self._windows(cascade, grey, is_strict)
        ]
        return _joined(found)

    def _searched(self, pixels: np.ndarray) -> tuple[np.ndarray, float]:
        """(grey picture [h, w], its pixels per pixel of the whole one)."""
        longest = max(pixels.shape[:2])
        scale = min(2.0, max(_SHORTEST / longest, 1.0), _LONGEST / longest)
        grey: np.ndarray = self._cv2.cvtColor(pixels, self._cv2.COLOR_RGB2GRAY)
        if scale == 1.0:
            return grey, scale
        size = tuple(max(1, round(side * scale)) for side in reversed(grey.shape))
        way = self._cv2.INTER_AREA if scale < 1 else self._cv2.INTER_CUBIC
        return self._cv2.resize(grey, size, interpolation=way), scale

    def _windows(
        self, cascade: _Cascade, grey: np.ndarray, is_strict: bool
    ) -> Iterator[tuple[tuple[int, int, int, int], float]]:
        """(XYXY in searched pixels, score), in an order that does not depend on threads."""
        seen = np.ascontiguousarray(grey[:, ::-1]) if cascade.is_mirrored else grey
        boxes, _, scores = self._classifier(cascade.file).detectMultiScale3(
            seen,
            scaleFactor=_STEP,
            minNeighbors=_NEIGHBOURS_STRICT if is_strict else _NEIGHBOURS,
            minSize=cascade.smallest,
            outputRejectLevels=True,
        )
        for (x, y, width, height), score in sorted(
            zip(np.reshape(boxes, (-1, 4)).tolist(), np.ravel(scores).tolist(), strict=True)
        ):
            left = grey.shape[1] - x - width if cascade.is_mirrored else x
            yield (left, y, left + width, y + height), score

    def _classifier(self, file: str) -> Any:
        if file not in self._classifiers:
            path = Path(self._cv2.data.haarcascades) / file
            classifier = self._cv2.CascadeClassifier(str(path))
            if classifier.empty():
                raise FileNotFoundError(f"OpenCV has no cascade {path}")
            self._classifiers[file] = classifier
        return self._classifiers[file]


def _outward(
    box: tuple[int, int, int, int], scale: float, width: int, height: int
) -> tuple[int, int, int, int]:
    """In pixels of the whole picture, never smaller than it was."""
    x0, y0 = (int(np.floor(side / scale)) for side in box[:2])
    x1, y1 = (int(np.ceil(side / scale)) for side in box[2:])
    return max(0, x0), max(0, y0), min(width, x1), min(height, y1)


def _joined(found: list[Detection]) -> list[Detection]:
    """One detection where several of a kind share more than half of the smaller one: their hull, the surest's score."""
    joined: list[Detection] = []
    waiting = sorted(found, key=lambda one: -_area(one.box))
    while waiting:
        one = waiting.pop(0)
        same = next(
            (other for other in joined if other.kind == one.kind and _is_same(other.box, one.box)), None
        )
        if same is None:
            joined.append(one)
            continue
        joined.remove(same)
        # The hull may now share more than half with others.
        waiting.insert(0, Detection(one.kind, _hull(same.box, one.box), max(same.score, one.score)))
    return sorted(joined, key=lambda one: (one.kind, one.box))


def _is_same(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return min(width, height) > 0 and 2 * width * height > min(_area(one), _area(other))


def _hull(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _area(box: tuple[int, int, int, int]) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
