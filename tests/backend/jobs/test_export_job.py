"""The COCO export as a job: the streamed bytes in a file that people download in parts and that goes after a week."""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pycocotools.coco import COCO
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.embeddings.orphans import orphans
from backend.jobs.claims import job_pulse, jobs_sweep
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.projects.members import membership_set
from backend.projects.models import AuditEntry, Membership, Project
from backend.users.models import User
from tests.backend.jobs.conftest import claim_one, do_one, start
from tests.builders import make_image, make_mask_body, stored_files


@pytest.fixture
def masks(api: APIClient, project: Project) -> list[str]:
    """Two masks on two of three images."""
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(3)]
    label = project.labels.get().pk
    ids = []
    for image in images[:2]:
        body = make_mask_body(image, label)
        assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
        ids.append(body["id"])
    return ids


def streamed(api: APIClient, project: Project, **query: str) -> bytes:
    content: bytes = api.get(f"/api/v1/projects/{project.pk}/export/coco/", query).getvalue()
    return content


def test_the_file_has_the_streamed_bytes(
    api: APIClient, project: Project, masks: list[str], files: Path, tmp_path: Path
) -> None:
    body = start(api, project)
    url = f"/api/v1/jobs/{body['id']}/file/"
    early = api.get(url)
    assert (early.status_code, early.json()["code"]) == (409, "job.no_file")
    job = do_one()
    shown = api.get(f"/api/v1/jobs/{body['id']}/").json()
    result = shown["result"]
    answer = api.get(result["download_url"])
    content = answer.getvalue()
    assert answer["Content-Disposition"] == 'attachment; filename="cats-coco.json"'
    assert content == streamed(api, project)
    assert result | {"expires_at": ""} == {
        "images": 3,
        "masks": 2,
        "file_name": "cats-coco.json",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "download_url": url,
        "expires_at": "",
    }
    assert shown["progress"] == {"done": 3, "total": 3, "unit": "images"}
    assert [str(path.relative_to(files)) for path in stored_files(files / "jobs")] == [job.file_key]
    path = tmp_path / "coco.json"
    path.write_bytes(content)
    assert len(COCO(str(path)).anns) == 2


def test_it_is_downloaded_in_parts_and_asked_for_again(
    api: APIClient, project: Project, masks: list[str]
) -> None:
    url = start(api, project)["id"]
    url = f"/api/v1/jobs/{url}/file/"
    do_one()
    whole = api.get(url)
    content = whole.getvalue()
    part = api.get(url, headers={"Range": "bytes=10-19", "If-Range": whole["ETag"]})
    assert (part.status_code, part.getvalue()) == (206, content[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(content)}"
    assert api.get(url, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    assert api.get(url, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    taken = AuditEntry.objects.filter(action="export.taken")
    assert taken.count() == 1, "once for a download in any number of parts, and none for what is kept"


def test_whoever_takes_the_file_is_remembered(
    api: APIClient,
    client_of: Callable[[User], APIClient],
    make_user: Callable[[str], User],
    project: Project,
    masks: list[str],
) -> None:
    body = start(api, project)
    do_one()
    manager, reviewer = make_user("mona"), make_user("rolf")
    membership_set(project=project, user=manager, role=Membership.Role.MANAGER)
    membership_set(project=project, user=reviewer, role=Membership.Role.REVIEWER)
    # In it may be what is hidden from others than who asked for it.
    refused = client_of(reviewer).get(f"/api/v1/jobs/{body['id']}/file/")
    assert (refused.status_code, refused.json()["code"]) == (403, "job.of_other")
    assert client_of(reviewer).get(f"/api/v1/jobs/{body['id']}/").json()["allowed"] == []
    assert client_of(manager).get(f"/api/v1/jobs/{body['id']}/file/").status_code == 200
    (entry,) = AuditEntry.objects.filter(action="export.taken")
    assert (entry.actor, entry.subject, entry.data) == (manager, "coco", {"includes_unlabelled": False})


def test_masks_without_a_label_are_decided_about_as_in_the_streamed_one(
    api: APIClient, project: Project, masks: list[str]
) -> None:
    url = f"/api/v1/projects/{project.pk}/jobs/"
    Mask.objects.filter(pk=masks[0]).update(label=None)
    body: dict[str, Any] = {"id": str(uuid.uuid4()), "kind": "export.coco", "params": {}}
    refused = api.post(url, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "export.unlabelled_masks")
    wrong = api.post(url, body | {"params": {"unlabelled": "maybe"}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "input.invalid")
    assert not Job.objects.exists()
    for choice in ("skip", "include"):
        made = start(api, project, unlabelled=choice)
        do_one()
        content = api.get(f"/api/v1/jobs/{made['id']}/file/").getvalue()
        assert content == streamed(api, project, unlabelled=choice)


def test_a_label_taken_off_in_the_meantime_is_no_silent_loss(
    api: APIClient, project: Project, masks: list[str]
) -> None:
    start(api, project)
    Mask.objects.filter(pk=masks[0]).update(label=None)
    job = do_one()
    assert (job.state, job.error_code) == ("failed", "export.unlabelled_masks")


def test_a_cancelled_export_leaves_no_file(
    api: APIClient, project: Project, masks: list[str], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = start(api, project)
    seen: list[int] = []
    progress = JobContext.progress

    def cancelled_meanwhile(self: JobContext, done: int, total: int | None = None) -> None:
        seen.append(done)
        api.post(f"/api/v1/jobs/{body['id']}/cancel/")
        job_pulse(self, lease_seconds=60)
        progress(self, done, total)

    monkeypatch.setattr(JobContext, "progress", cancelled_meanwhile)
    job = do_one()
    assert (job.state, seen, job.file_key) == ("cancelled", [0], "")
    assert stored_files(files / "jobs") == []


def test_the_file_goes_after_a_week(api: APIClient, project: Project, masks: list[str], files: Path) -> None:
    body = start(api, project)
    job = do_one()
    assert job.file_expires_at is not None
    assert timedelta(days=6.9) < job.file_expires_at - timezone.now() < timedelta(days=7)
    jobs_sweep()
    assert api.get(f"/api/v1/jobs/{body['id']}/file/").status_code == 200
    Job.objects.update(file_expires_at=timezone.now() - timedelta(seconds=1))
    jobs_sweep()
    shown = api.get(f"/api/v1/jobs/{body['id']}/").json()
    assert (shown["state"], shown["is_expired"]) == ("succeeded", True)
    gone = api.get(f"/api/v1/jobs/{body['id']}/file/")
    assert (gone.status_code, gone.json()["code"]) == (404, "job.file_expired")
    assert stored_files(files / "jobs") == []


def test_files_of_a_killed_attempt_are_orphans_those_of_jobs_are_not(
    api: APIClient, project: Project, masks: list[str]
) -> None:
    start(api, project)
    kept = do_one().file_key
    start(api, project)
    context = claim_one()
    assert context is not None
    job_run(context)  # killed before it noted its end
    later = timezone.now() + timedelta(minutes=1)
    assert context.file is not None
    found = list(orphans(before=later))
    assert context.file.key in found
    assert kept not in found
    call_command("files_remove_orphans", "--older-than", "0")
    assert kept not in list(orphans(before=later))
    assert context.file.key not in list(orphans(before=later))


def test_a_deleted_project_takes_its_files_along(
    api: APIClient,
    project: Project,
    masks: list[str],
    files: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    start(api, project)
    do_one()
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
    assert stored_files(files / "jobs") == []


def test_memory_does_not_hold_the_document(api: APIClient, project: Project, masks: list[str]) -> None:
    """Pieces of 64 kB go to the file as they come."""
    Mask.objects.filter(pk=masks[0]).update(prompts={"points": [[0.5, 0.5, 1]] * 20_000, "box": None})
    start(api, project)
    context = claim_one()
    assert context is not None
    sizes: list[int] = []
    store = context.file_store

    def watched(*, name: str, media_type: str, pieces: Any) -> Any:
        def counted() -> Any:
            for piece in pieces:
                sizes.append(len(piece))
                yield piece

        return store(name=name, media_type=media_type, pieces=counted())

    context.file_store = watched  # type: ignore[method-assign]
    job_run(context)()
    assert len(sizes) >= 2
    assert len(json.loads(api.get(f"/api/v1/jobs/{context.job.uuid}/file/").getvalue())["annotations"]) == 2
