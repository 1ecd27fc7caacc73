"""Accepted masks in a project of a running system, for jobs that look at them."""

import uuid

from tests.builders import encode_mask, rectangle
from tests.workers.processes import System

MASKS = 40  # of each image


def accept_masks(system: System, project: int) -> None:
    """Forty rectangles on each image, handed in and accepted."""
    images = system.session.get(system.url(f"projects/{project}/images/"), timeout=30).json()["results"]
    for image in images:
        height, width = image["height"], image["width"]
        operations = [
            {
                "op": "create",
                "id": str(uuid.uuid4()),
                "image": image["id"],
                "label": None,
                "segmentation": encode_mask(
                    rectangle(height, width, 2 * place, 3 * place, 40 + 4 * place, 60 + 4 * place)
                ),
                "prompts": {"points": [], "box": None, "candidate": 0},
                "stage": "assisted_manual",
            }
            for place in range(MASKS)
        ]
        body = {"atomic": True, "operations": operations}
        made = system.session.post(system.url(f"projects/{project}/masks/bulk/"), json=body, timeout=60)
        assert made.status_code == 200, made.text
        for step in ("submit", "accept"):
            answer = system.session.post(system.url(f"images/{image['id']}/work/{step}/"), timeout=30)
            assert answer.status_code == 200, answer.text
