"""API clients and masks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from rest_framework.test import APIClient


@pytest.fixture
def client_of() -> Callable[[Any], APIClient]:
    """An API client logged in as this user."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def api(client_of: Callable[[Any], APIClient], owner: Any) -> APIClient:
    return client_of(owner)


def rle(mask: np.ndarray) -> dict[str, Any]:
    """COCO's own encoding of a boolean [H, W] mask, as JSON carries it."""
    encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode()}


def rectangle(height: int, width: int, top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """A mask [height, width] with rows top..bottom-1 and columns left..right-1 set."""
    mask = np.zeros((height, width), bool)
    mask[top:bottom, left:right] = True
    return mask
