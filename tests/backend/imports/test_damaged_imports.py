"""Damaged data sets through the API and the jobs: refused with a code and nothing changed, or imported with an account.

A few of each format in every run; `IMPORT_DAMAGE_ROUNDS=250` makes it so many, and `-s` shows what came of them.
"""

import csv
import io
import os
import random
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.annotations.recounting import project_recount
from backend.common.storage import file_read
from backend.formats.registry import READ_FORMATS
from backend.formats.rle import region_parse
from backend.images.models import Image
from backend.imports.jobs import CHECK, IMPORT
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.projects.services import project_create
from backend.users.models import User
from backend.work.models import WorkItem
from tests.backend.imports.damaged_zips import damaged
from tests.backend.imports.test_imports import exported, masks, uploaded
from tests.backend.jobs.conftest import do_one, start
from tests.backend.tallies.test_tallies import all_sums
from tests.builders import stored_files

__all__ = ["masks"]

ROUNDS: Final = int(os.environ.get("IMPORT_DAMAGE_ROUNDS", "8"))
# Of the processor, which one of them may take, however it was damaged.
SECONDS: Final = 15
# What an upload or a job may be refused with, and what may be said of a file or a row; ARCHITECTURE.md has them.
REFUSALS: Final = {
    *("import.not_a_zip", "archive.corrupt", "archive.unsafe_path", "archive.encrypted", "archive.too_large"),
    # The last one of a file that is empty.
    *("archive.too_many_members", "import.nothing_found", "input.invalid"),
}
PROBLEMS: Final = {
    *("import.attributes_lost", "import.file_too_large", "import.no_label_map", "import.no_picture"),
    *("import.picture_ambiguous", "import.picture_missing", "import.polygon_invalid", "import.size_invalid"),
    *(
        "import.row_incomplete",
        "import.row_invalid",
        "import.shape_unknown",
        "import.size_differs",
        "import.size_invalid",
    ),
    *("import.xml_entities", "import.yaml_references", "archive.corrupt", "mask.empty"),
    *("mask.rle_invalid", "mask.wrong_size", "image.corrupt", "image.truncated", "image.unsupported_type"),
    *("image.too_many_pixels",),
}
# Rows and files that tell of a job, and not of what it was to do.
_BOOKS: Final = {"Job", "JobLogLine", "ImportUpload", "ImportRun", "Notification", "Session"}
_FOLDERS: Final = {"jobs", "imports"}


def everything(files: Path) -> tuple[dict[str, list[Any]], list[Path]]:
    """All rows of all tables and the names of all files, but for what only tells of jobs."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model.__name__ not in _BOOKS:
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
                rows[model._meta.label] = cursor.fetchall()
    kept = [path for path in stored_files(files) if path.relative_to(files).parts[0] not in _FOLDERS]
    return rows, kept


def problems_of(job: Job) -> Counter[tuple[str, ...]]:
    """As they lie in the job's file."""
    if not job.file_key:
        assert job.result["problem_count"] == 0
        return Counter()
    rows = list(csv.reader(io.StringIO(file_read(job.file_key).decode())))[1:]
    assert len(rows) == job.result["problem_count"]
    assert {row[2] for row in rows} <= PROBLEMS
    return Counter(map(tuple, rows))


def counted(problems: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Without what only an import can know: which attributes the labels have."""
    return Counter({row: count for row, count in problems.items() if row[2] != "import.attributes_lost"})


class Drill:
    """One damaged archive into one project."""

    def __init__(self, api: APIClient, target: Project, files: Path, dice: random.Random) -> None:
        self.api, self.target, self.files, self.dice = api, target, files, dice

    def done(self, kind: str, **params: Any) -> Job:
        start(self.api, self.target, kind, **params)
        job = do_one()
        assert job.state in ("succeeded", "failed"), job.state
        assert job.state == "succeeded" or job.error_code in REFUSALS, (job.error_code, job.error_message)
        return job

    def run(self, name: str, content: bytes) -> str:
        """What came of it, in a word."""
        before = everything(self.files)
        answer = uploaded(self.api, self.target, content)
        if answer.status_code != 201:
            assert answer.status_code < 500
            assert answer.json()["code"] in REFUSALS
            assert everything(self.files) == before
            return str(answer.json()["code"])
        upload = answer.json()["id"]
        asked = "auto" if self.dice.random() < 0.25 else name
        look = self.done(CHECK, upload=upload, format=asked)
        assert everything(self.files) == before
        if look.state == "succeeded":
            name = look.result["format"]
        policy = self.dice.choice(("skip", "skip", "add", "replace"))
        job = self.done(IMPORT, upload=upload, format=name, policy=policy)
        if job.state == "failed":
            assert everything(self.files) == before
            assert look.error_code == job.error_code
            return job.error_code
        self.accounted(job, before[0])
        if look.state == "succeeded":
            self.predicted(look, job)
        self.whole()
        problems = job.result["problem_count"]
        return f"imported, {'some problems' if problems else 'no problem'}"

    def accounted(self, job: Job, before: dict[str, list[Any]]) -> None:
        """The report says what was done."""
        made, pictures = job.result["masks"], job.result["pictures"]
        assert Mask.objects.count() - len(before["annotations.Mask"]) == made["created"] - made["deleted"]
        assert Image.objects.count() - len(before["images.Image"]) == pictures["new"]
        assert pictures["missing"] <= job.result["problem_count"]

    def predicted(self, look: Job, job: Job) -> None:
        """The look before said it."""
        seen, done = look.result, job.result
        assert counted(problems_of(look)) == counted(problems_of(job))
        assert seen["pictures"]["new"] == done["pictures"]["new"]
        assert seen["pictures"]["known"] + seen["pictures"]["matched"] == done["pictures"]["matched"]
        assert seen["pictures"]["missing"] == done["pictures"]["missing"]
        assert seen["masks_missing"] == done["masks_missing"]
        made = done["masks"]
        assert seen["masks"] == made["created"] + made["replaced"] + made["skipped"] + done["masks_missing"]

    def whole(self) -> None:
        """Every mask fits its image, and every sum is what a recount finds."""
        for mask in Mask.objects.filter(image__project=self.target).select_related("image", "label"):
            region = region_parse(mask.counts, height=mask.image.height, width=mask.image.width)
            assert (region.counts, region.area) == (mask.counts, mask.area)
            assert region.bbox == (mask.bbox_x, mask.bbox_y, mask.bbox_width, mask.bbox_height)
            assert mask.label is None or mask.label.project_id == self.target.pk
        shown = self.api.get(f"/api/v1/projects/{self.target.pk}/").json()
        items = list(
            WorkItem.objects.filter(project=self.target).order_by("pk").values_list("pk", "mask_count")
        )
        sums = all_sums(self.target)
        project_recount(project=self.target)
        assert all_sums(self.target) == sums
        assert self.api.get(f"/api/v1/projects/{self.target.pk}/").json() == shown
        again = WorkItem.objects.filter(project=self.target).order_by("pk").values_list("pk", "mask_count")
        assert list(again) == items


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(READ_FORMATS))
def test_a_damaged_data_set_is_refused_or_accounted_for(
    api: APIClient, project: Project, masks: list[Mask], owner: User, files: Path, name: str
) -> None:
    content = exported(project, name)
    Job.objects.all().delete()
    outcomes: Counter[tuple[str, str]] = Counter()
    failed: list[str] = []
    for number in range(ROUNDS):
        dice = random.Random(f"{name}/{number}")
        target = project_create(owner=owner, name="Target", model=project.model)
        drill = Drill(api, target, files, dice)
        if dice.random() < 0.4:
            upload = uploaded(api, target, content).json()["id"]
            assert drill.done(IMPORT, upload=upload, format=name).state == "succeeded"
        kind, broken = damaged(content, dice)
        began = time.process_time()
        try:
            outcomes[kind, drill.run(name, broken)] += 1
            assert time.process_time() - began < SECONDS
        except Exception as error:
            # All of them at once: which one is the first says nothing.
            failed.append(f"{name}/{number}, {kind}: {type(error).__name__}: {error}"[:1000])
            print(traceback.format_exc())
        assert api.delete(f"/api/v1/projects/{target.pk}/").status_code == 204
    print(f"\n{name}: {sum(outcomes.values())} damaged archives")
    for (kind, outcome), count in sorted(outcomes.items()):
        print(f"  {count:5} {kind:16} {outcome}")
    assert not failed, "\n".join(failed)
