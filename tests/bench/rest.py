"""What many masks in one call save, and what counting requests costs: in one process, on SQLite, by the test client.

python -m tests.bench.rest [--masks 1000] [--images 10] [--rounds 3] [--requests 500]

Not a test: times depend on the machine.
"""

import argparse
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.test")

import django

django.setup()

from django.core.management import call_command
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.embeddings.models import ModelVersion
from backend.projects.services import project_create
from backend.users import rates
from backend.users.services import user_create
from tests.builders import encode_mask, make_image, make_mask_body, rectangle

SIDE = (640, 480)


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def bodies(images: list[Any], count: int, label_id: int) -> list[dict[str, Any]]:
    made = []
    for number in range(count):
        image = images[number % len(images)]
        drawn = rectangle(SIDE[1], SIDE[0], 10 + number % 300, 20, 60 + number % 300, 120)
        made.append(
            {
                "image": image.pk,
                **make_mask_body(image, label_id, segmentation=encode_mask(drawn)),
            }
        )
    return made


def single(client: APIClient, wanted: list[dict[str, Any]]) -> None:
    for body in wanted:
        answer = client.post(f"/api/v1/images/{body['image']}/masks/", body)
        assert answer.status_code == 201, answer.json()


def bulk(client: APIClient, project_id: int, wanted: list[dict[str, Any]]) -> None:
    operations = [{"op": "create", **body} for body in wanted]
    answer = client.post(f"/api/v1/projects/{project_id}/masks/bulk/", {"operations": operations})
    assert answer.json()["succeeded"] == len(wanted), answer.json()


def requests_timed(client: APIClient, count: int) -> list[float]:
    return [timed(lambda: client.get("/api/v1/auth/me/")) for _ in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=500)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    ModelVersion.objects.create(
        name="tiny", version="0" * 12, manifest={}, is_default=True, prepare_bytes=0, click_bytes=0
    )
    owner = user_create(username="ada", password="ada-secret")
    project = project_create(owner=owner, name="bench")
    client = APIClient()
    client.force_login(owner)
    images = [make_image(project, seed=seed, width=SIDE[0], height=SIDE[1]) for seed in range(options.images)]
    label_id = project.labels.get().pk
    took: dict[str, list[float]] = {"single": [], "bulk": []}
    for _ in range(options.rounds):
        for way, send in (("single", single), ("bulk", lambda one, all_: bulk(one, project.pk, all_))):
            wanted = bodies(images, options.masks, label_id)
            took[way].append(timed(lambda send=send, wanted=wanted: send(client, wanted)))
    assert Mask.objects.count() == 2 * options.rounds * options.masks
    one, many = median(took["single"]), median(took["bulk"])
    print(
        f"{options.masks} masks: one by one {one:.2f} s, in one call {many:.2f} s, {one / many:.1f} times as fast"
    )

    # In turn, so that what else goes on meets both alike.
    counted: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(10):
        for is_counted in (False, True):
            rates.Rate.THROTTLE_RATES = {"api": "1000000/min" if is_counted else None}
            counted[is_counted] += requests_timed(client, options.requests // 10)
    without, with_it = (median(counted[is_counted]) * 1e3 for is_counted in (False, True))
    print(f"a request: {without:.3f} ms, counted {with_it:.3f} ms")


if __name__ == "__main__":
    main()
