"""The demo's photographs as they are, to compare with what is seen and to find things in."""

import numpy as np
from PIL import Image

from backend.demo.photographs import PHOTOGRAPHS


def photograph(file_name: str) -> np.ndarray:
    """[H, W, 3], red, green, blue."""
    [source] = [one for one in PHOTOGRAPHS if one.file_name == file_name]
    return np.asarray(Image.open(source.path()).convert("RGB"))
