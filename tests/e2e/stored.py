"""What the server holds, asked for and changed with the page's own login, as a script would."""

import uuid
from typing import Any

import numpy as np
from playwright.sync_api import APIResponse, Page
from pycocotools import mask as coco_mask

from tests.builders import encode_mask


def send(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> APIResponse:
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    return page.request.fetch(path, method=method, data=body, headers=headers)


def make_project(page: Page, name: str, *file_names: str) -> int:
    """A project with a label "thing" besides its first one, and some of the demo's photographs; its id."""
    made: int = send(page, "POST", "/api/v1/projects/", {"name": name}).json()["id"]
    send(page, "POST", f"/api/v1/projects/{made}/labels/", {"name": "thing", "color": "#e69f00"})
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    for image in page.request.get("/api/v1/projects/1/images/").json()["results"]:
        if image["file_name"] not in file_names:
            continue
        content = page.request.get(image["file_url"]).body()
        answer = page.request.post(
            f"/api/v1/projects/{made}/images/",
            multipart={"files": {"name": image["file_name"], "mimeType": "image/png", "buffer": content}},
            headers={"X-CSRFToken": token, "Referer": page.url},
        )
        assert answer.ok, answer.text()
    return made


def masks_of(page: Page, image: str) -> list[dict[str, Any]]:
    """The masks of an image, in the order they were made."""
    # A kept connection may be closed by the server as it is used; browsers ask again by themselves.
    answer = page.request.get(f"/api/v1/images/{image}/masks/", max_retries=2)
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
    answers = [send(page, "POST", f"/api/v1/images/{image}/masks/", body) for body in bodies]
    assert all(answer.ok for answer in answers), [answer.text() for answer in answers]
    return [answer.json() for answer in answers]


def delete_masks(page: Page, image: str) -> None:
    """All of an image, some of which a page may be changing or deleting at this moment."""
    for _ in range(10):
        masks = masks_of(page, image)
        for mask in masks:
            answer = send(page, "DELETE", f"/api/v1/masks/{mask['id']}/?revision={mask['revision']}")
            assert answer.status in (204, 404, 409), answer.text()
        if not masks:
            return
    raise AssertionError(f"new masks keep coming to image {image}")


def pixels(mask: dict[str, Any]) -> np.ndarray:
    """Boolean [H, W], decoded by pycocotools."""
    decoded = coco_mask.decode(mask["segmentation"]).astype(bool)
    assert mask["area"] == int(decoded.sum())
    return np.asarray(decoded)
