"""kill -9 of the worker in the middle of a fully automatic run: another one goes on, and no mask is proposed twice."""

import json
import time
import uuid

from tests.workers.processes import System

# By image: how many proposals, and how many of them differ; how many a run noted as found.
FOUND = """
import json
from collections import Counter
from backend.proposals.models import Proposal, ProposedImage
rows = list(Proposal.objects.values_list("image", "counts", "point_x", "point_y", "predicted_iou"))
counts, different = Counter(row[0] for row in rows), Counter(row[0] for row in set(rows))
done = ProposedImage.objects.order_by("image").values_list("image", "open")
print(json.dumps([[[pk, counts[pk], different[pk]] for pk in sorted(counts)], list(map(list, done))]))
"""


def test_a_run_goes_on_after_kill_9_with_the_images_that_are_left(prepared_system: System) -> None:
    system = prepared_system
    system.begin()
    system.wait_all_ready()
    project = system.project()["id"]
    body = {
        "id": str(uuid.uuid4()),
        "stage": "fully_automatic",
        "preset": "default",
        "settings": {
            "points_per_side": 8,
            "pred_iou_thresh": 0,
            "stability_score_thresh": 0,
            "box_nms_thresh": 1,
        },
    }
    made = system.session.post(system.url(f"projects/{project}/proposal-runs/"), json=body, timeout=10)
    assert made.status_code == 201, made.text
    run = system.url(f"proposal-runs/{made.json()['id']}/")

    def shown() -> dict[str, object]:
        answer: dict[str, object] = system.session.get(run, timeout=10).json()
        return answer

    assert shown()["images_total"] == 8
    system.wait(lambda: int(str(shown()["images_done"])) >= 2, "two images are done", seconds=300)
    system.kill("worker")
    killed = shown()
    assert killed["state"] == "running", "it was killed too late to prove anything"
    before = json.loads(system.manage("shell", "-v", "0", "-c", FOUND))
    assert 2 <= len(before[1]) < 8

    system.start("worker")
    killed_at = time.monotonic()
    system.wait(lambda: shown()["state"] == "succeeded", "another worker finished it", seconds=300)
    found, done = json.loads(system.manage("shell", "-v", "0", "-c", FOUND))
    print(
        f"\nkilled with {len(before[1])} of 8 images done, {sum(row[1] for row in before[0])} proposals; "
        f"finished {time.monotonic() - killed_at:.1f} s later: {len(done)} images, "
        f"{sum(row[1] for row in found)} proposals"
    )
    assert len(done) == 8
    assert all(count == different > 0 for _, count, different in found)
    # What was there stayed as it was, and each image has what its note says.
    assert [row for row in done if row in before[1]] == before[1]
    assert [[image, count] for image, count, _ in found] == done
    ended = shown()
    assert (ended["images_done"], ended["images_total"]) == (8, 8)
    assert ended["counts"]["open"] == sum(row[1] for row in done)  # type: ignore[index]
    job = system.session.get(system.url(f"jobs/{body['id']}/"), timeout=10).json()
    assert (job["attempts"], job["result"]["proposals"]) == (2, sum(row[1] for row in done))
    assert system.ended == []
