"""kill -9 of the worker in the middle of a fairness report: another one goes on, and no mask is measured twice."""

import json
import time
import uuid

from tests.workers.accepting import MASKS, accept_masks
from tests.workers.processes import System

# By image: masks that were drawn, that have figures, and that differ among these; whether it is done.
MEASURED = """
import json
from backend.fairness.models import DrawnImage, MeasuredMask
rows = DrawnImage.objects.order_by("image")
print(json.dumps([
    [row.image_id, len(row.mask_ids), row.masks.count(), row.masks.values("mask_id").distinct().count(), row.is_done]
    for row in rows
]))
"""
FIGURES = """
import json
from backend.fairness.models import MeasuredMask
print(json.dumps(sorted([row.pk, str(row.mask_id), row.iou_1, row.iou_3] for row in MeasuredMask.objects.all())))
"""


def test_a_report_goes_on_after_kill_9_with_the_images_that_are_left(prepared_system: System) -> None:
    system = prepared_system
    system.begin()
    system.wait_all_ready()
    project = system.project()["id"]
    accept_masks(system, project)
    body = {"id": str(uuid.uuid4())}
    made = system.session.post(system.url(f"projects/{project}/fairness-reports/"), json=body, timeout=10)
    assert made.status_code == 201, made.text
    report = system.url(f"fairness-reports/{made.json()['id']}/")

    def shown() -> dict[str, object]:
        answer: dict[str, object] = system.session.get(report, timeout=10).json()
        return answer

    system.wait(lambda: int(str(shown()["images_done"])) >= 2, "two images are done", seconds=300)
    system.kill("worker")
    killed = shown()
    assert killed["state"] == "running", "it was killed too late to prove anything"
    before = json.loads(system.manage("shell", "-v", "0", "-c", FIGURES))
    done_before = sum(row[4] for row in json.loads(system.manage("shell", "-v", "0", "-c", MEASURED)))
    assert 2 <= done_before < 8

    system.start("worker")
    killed_at = time.monotonic()
    system.wait(lambda: shown()["state"] == "succeeded", "another worker finished it", seconds=300)
    images = json.loads(system.manage("shell", "-v", "0", "-c", MEASURED))
    after = json.loads(system.manage("shell", "-v", "0", "-c", FIGURES))
    print(
        f"\nkilled with {done_before} of 8 images and {len(before)} masks done; "
        f"finished {time.monotonic() - killed_at:.1f} s later with {len(after)} masks"
    )
    assert [row[1:] for row in images] == [[MASKS, MASKS, MASKS, True]] * 8
    # What was measured before stayed as it was.
    assert [row for row in after if row in before] == before
    ended = shown()
    assert (ended["images_done"], ended["masks_measured"], ended["masks_drawn"]) == (8, 320, 320)
    job = system.session.get(system.url(f"jobs/{body['id']}/"), timeout=10).json()
    assert (job["attempts"], job["result"]["masks"]) == (2, 320)
    lines = system.session.get(system.url(f"jobs/{body['id']}/file/"), timeout=10).text.splitlines()
    assert len(lines) == 321
    assert system.ended == []
