"""\"Give me the next image\", by two hundred people at once: nobody gets another's, none is lost."""

import json
import subprocess
import sys
import time
from collections import Counter

import pytest

from backend.launch.layout import ROOT
from tests.workers.processes import System

PEOPLE = 200
PROCESSES = 4
THREADS = 20

MAKE_ROWS = f"""
from django.utils import timezone
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.models import Status, WorkItem
project = Project.objects.get()
now = timezone.now()
project.work_items.all().delete()
people = User.objects.bulk_create([User(username=f"person{{n}}") for n in range({PEOPLE})])
Membership.objects.bulk_create([Membership(project=project, user=one, role="annotator") for one in people])
images = Image.objects.bulk_create(
    [
        Image(
            project=project, file_name=f"{{n}}.png", sha256=f"{{n:064d}}", width=4, height=3, byte_size=1,
            display_bytes=1, thumbnail_bytes=1,
        )
        for n in range({PEOPLE} + 10)
    ]
)
WorkItem.objects.bulk_create(
    [
        WorkItem(
            image=image, project=project, status=Status.READY, status_since=now, rank=-n if n % 2 else None
        )
        for n, image in enumerate(images)
    ]
)
"""
PULL = f"""
import json, sys, time, django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from backend.projects.models import Project
from backend.users.models import User
from backend.work.pulling import work_next
project = Project.objects.get()
part = int(sys.argv[2])
people = list(User.objects.filter(username__startswith="person").order_by("pk"))[part::{PROCESSES}]
def pull(user):
    item = work_next(project=project, user=user)
    return [user.pk, item and item.pk, item and item.assignee_id]
with ThreadPoolExecutor({THREADS}, initializer=connection.ensure_connection) as pool:
    time.sleep(max(0, float(sys.argv[1]) - time.time()))
    print(json.dumps(list(pool.map(pull, people))))
"""
SHOW = """
import json
from backend.work.models import WorkItem
rows = WorkItem.objects.values_list("pk", "status", "assignee", "lease_expires_at", "rank")
print(json.dumps([[pk, status, assignee, lease is not None, rank] for pk, status, assignee, lease, rank in rows]))
"""
WAIT_IN_VAIN = """
import threading, time
from django.db import connection, transaction
from django.utils import timezone
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.models import Status, WorkItem
from backend.work.pulling import work_next
project = Project.objects.get()
user = User.objects.create(username="person")
Membership.objects.create(project=project, user=user, role="annotator")
project.work_items.update(status=Status.ACCEPTED)
last = project.work_items.first()
WorkItem.objects.filter(pk=last.pk).update(status=Status.READY)
answers, looked = [], threading.Event()
def pull():
    with transaction.atomic():
        answers.append(work_next(project=project, user=user))
        looked.wait(60)
    connection.close()
def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")
        return cursor.fetchone()[0] > 0
def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
puller = threading.Thread(target=pull)
with transaction.atomic():
    WorkItem.objects.filter(pk=last.pk).update(status=Status.SUBMITTED)
    puller.start()
    until(somebody_waits)
until(lambda: answers)
with transaction.atomic():
    WorkItem.objects.select_for_update(nowait=True).get(pk=last.pk)
looked.set()
puller.join()
print(answers)
"""


def test_two_hundred_pulls_at_once_give_two_hundred_images(any_system: System) -> None:
    any_system.manage("shell", "-c", MAKE_ROWS)
    start = time.time() + 8
    pullers = [
        subprocess.Popen(
            [sys.executable, "-c", PULL, str(start), str(part)],
            cwd=ROOT,
            env=any_system.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in range(PROCESSES)
    ]
    given = [row for puller in pullers for row in json.loads(puller.communicate(timeout=120)[0])]
    seconds = time.time() - start
    assert all(puller.returncode == 0 for puller in pullers)
    times = Counter(image for _, image, _ in given)
    print(
        f"\n{len(given)} pulls by {PEOPLE} people in {PROCESSES} processes of {THREADS} threads: {len(times)} images, "
        f"{sum(count > 1 for count in times.values())} given twice, {seconds:.1f} s"
    )
    assert len(given) == PEOPLE
    assert None not in times
    assert set(times.values()) == {1}
    assert all(assignee == user for user, _, assignee in given)
    rows = json.loads(any_system.manage("shell", "-v", "0", "-c", SHOW))
    stored = {
        pk: assignee for pk, status, assignee, has_lease, _ in rows if status == "in_progress" and has_lease
    }
    assert stored == {image: user for user, image, _ in given}
    assert Counter(status for _, status, *_ in rows) == {"in_progress": PEOPLE, "ready": 10}
    # Every other image has a rank: none of these is left while others are given out.
    assert [rank for _, status, *_, rank in rows if status == "ready"] == [None] * 10


@pytest.mark.services
def test_who_waited_in_vain_holds_no_image_that_others_wait_for(
    prepared_system_on_postgres: System,
) -> None:
    """Two hundred people at once rarely show it: each would hold what the others wait for, until one is refused."""
    assert "[None]" in prepared_system_on_postgres.manage("shell", "-v", "0", "-c", WAIT_IN_VAIN)
