"""What the server holds, asked for and changed with the page's own login, as a script would."""

import uuid
from typing import Any

import numpy as np
from playwright.sync_api import Page
from pycocotools import mask as coco_mask

from tests.builders import encode_mask


def call_api(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What a request is answered; None when that is nothing."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    answer = page.request.fetch(path, method=method, data=body, headers=headers)
    assert answer.ok, answer.text()
    return answer.json() if answer.body() else None


def masks_of(page: Page, image: str) -> list[dict[str, Any]]:
    """The masks of an image, in the order they were made."""
    answer = page.request.get(f"/api/v1/images/{image}/masks/")
    assert answer.ok, answer.text()
    masks: list[dict[str, Any]] = answer.json()
    return masks


def create_masks(page: Page, image: str, *masks: np.ndarray) -> list[dict[str, Any]]:
    """Boolean [H, W] each, as masks without clicks or model under the project's first label."""
    detail = page.request.get(f"/api/v1/images/{image}/").json()
    labels = page.request.get(f"/api/v1/projects/{detail['project']}/labels/").json()
    bodies = [
        {
            "id": str(uuid.uuid4()),
            "label": labels[0]["id"],
            "segmentation": encode_mask(mask),
            "prompts": {"points": [], "box": None, "candidate": 0},
            "model": None,
            "stage": "assisted_manual",
        }
        for mask in masks
    ]
    return [call_api(page, "POST", f"/api/v1/images/{image}/masks/", body) for body in bodies]


def delete_masks(page: Page, image: str) -> None:
    for mask in masks_of(page, image):
        call_api(page, "DELETE", f"/api/v1/masks/{mask['id']}/?revision={mask['revision']}")


def pixels(mask: dict[str, Any]) -> np.ndarray:
    """Boolean [H, W], decoded by pycocotools."""
    decoded = coco_mask.decode(mask["segmentation"]).astype(bool)
    assert mask["area"] == int(decoded.sum())
    return np.asarray(decoded)
