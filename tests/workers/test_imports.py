"""An import whose worker is killed: another one goes on, and nothing is there twice."""

import json
import uuid

import numpy as np

from tests.builders import encode_mask, make_file, make_pixels, make_zip, rectangle
from tests.workers.processes import System

PICTURES = 60
SIZE = (240, 320)


def dataset() -> bytes:
    """COCO without uuids, so that only an import's own notes keep a mask from being made twice."""
    images = [
        {"id": n, "file_name": f"{n}.png", "height": SIZE[0], "width": SIZE[1]}
        for n in range(1, PICTURES + 1)
    ]
    annotations = [
        {
            "id": 10 * image["id"] + place,
            "image_id": image["id"],
            "category_id": 1,
            "segmentation": encode_mask(rectangle(*SIZE, place, place, 40 + place, 60 + place)),
        }
        for image in images
        for place in range(5)
    ]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "killed"}]}
    noise = np.random.default_rng(0).permutation(PICTURES)
    pictures = {
        f"images/{image['id']}.png": make_file(make_pixels(SIZE[1], SIZE[0], seed=1000 + int(seed)))
        for image, seed in zip(images, noise, strict=True)
    }
    return make_zip(pictures | {"annotations/instances_train.json": json.dumps(document).encode()})


def test_an_import_survives_a_kill_of_its_worker(prepared_system: System) -> None:
    system = prepared_system
    system.begin()
    system.wait_all_ready()
    project = system.project()
    before = project["mask_count"]
    upload = system.session.post(
        system.url(f"projects/{project['id']}/imports/"), files={"file": dataset()}, timeout=60
    ).json()
    job = str(uuid.uuid4())
    body = {"id": job, "kind": "import", "params": {"upload": upload["id"], "format": "coco"}}
    made = system.session.post(system.url(f"projects/{project['id']}/jobs/"), json=body, timeout=10)
    assert made.status_code == 201, made.text

    def shown() -> dict[str, object]:
        answer: dict[str, object] = system.session.get(system.url(f"jobs/{job}/"), timeout=10).json()
        return answer

    def is_half_way() -> bool:
        now = shown()
        return now["state"] == "running" and now["progress"]["done"] >= 1  # type: ignore[index]

    system.wait(is_half_way, "the worker is in the middle of the import")
    system.kill("worker")
    assert shown()["state"] == "running", "it was killed too late to prove anything"
    there = system.project()["mask_count"] - before
    assert there < 5 * PICTURES
    system.start("worker")
    system.wait(lambda: shown()["state"] == "succeeded", "another worker finished it")
    done = shown()
    assert done["attempts"] == 2
    result = done["result"]
    assert result["masks"] == {"created": 5 * PICTURES, "replaced": 0, "deleted": 0, "skipped": 0}  # type: ignore[index]
    assert result["problem_count"] == 0  # type: ignore[index]
    now = system.project()
    assert now["image_count"] == project["image_count"] + PICTURES
    assert now["mask_count"] == before + 5 * PICTURES
    print(f"\nkilled with {there} of {5 * PICTURES} masks saved; all there once after the second attempt")
