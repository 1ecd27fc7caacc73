"""Who looks for faces and plates: a class named by the setting PRIVACY_DETECTOR, which anybody may write.

The one that comes along is `backend.privacy.cascades.CascadeDetector`.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from backend.common.errors import Unavailable

logger = logging.getLogger("anymask.privacy")


class Kind(StrEnum):
    FACE = "face"
    PLATE = "plate"


KIND_CHOICES: Final = [(kind.value, kind.name.title()) for kind in Kind]


@dataclass(frozen=True)
class Detection:
    """`box` is XYXY in pixels of the picture that was looked at, inside it and not empty."""

    kind: Kind
    box: tuple[int, int, int, int]
    # In the detector's own scale: more is surer.
    score: float


class Detector(Protocol):
    """Made without arguments for each picture, in the thread that uses it; whatever it raises refuses the picture."""

    # With its version: what images remember.
    name: str

    def detect(self, pixels: np.ndarray, kinds: Collection[Kind], *, is_strict: bool) -> list[Detection]:
        """What of these kinds is in an upright picture, RGB uint8 [H, W, 3]. With `is_strict` also what it is less sure
        of; blurring ends when nothing is found that way."""
        ...


def detector_load() -> Detector:
    """A detector of the installation's kind. Raises Unavailable `privacy.detector_failed`."""
    try:
        made: Detector = import_string(settings.PRIVACY_DETECTOR)()
    except Exception as error:
        # A module that is missing, a model file that is not there: a class of anybody's may raise anything.
        raise detector_failed() from error
    return made


def detector_failed() -> Unavailable:
    """The refusal, to be raised from what happened; that stands in the log."""
    logger.exception("privacy_detector_failed detector=%s", settings.PRIVACY_DETECTOR)
    return Unavailable(
        "Faces and licence plates cannot be looked for on this server now, and without that the picture is not kept.",
        "privacy.detector_failed",
    )
