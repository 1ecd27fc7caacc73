"""Each check sees the damage that is done here, and after mending the doctor is content."""

import io
import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django import Settings

from backend.common.storage import file_write
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.services import embedding_claim_batch, embedding_store
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.services import job_enqueue
from backend.operations.checks import clock, disk
from backend.operations.findings import Outcome
from backend.projects.models import Project
from backend.tallies.families import MASKS, STORAGE
from backend.tallies.models import MasksByDay, Tally
from backend.tallies.selectors import family_sums
from backend.tallies.services import tallies_sweep

Check = dict[str, Any]


def visit(*arguments: str) -> tuple[dict[str, Check], bool]:
    """What `doctor` says by the name of the check, and whether its exit code is 0."""
    out, is_well = io.StringIO(), True
    try:
        call_command("doctor", "--json", *arguments, stdout=out)
    except CommandError as error:
        is_well = error.returncode == 0
    return {one["name"]: one for one in json.loads(out.getvalue())["checks"]}, is_well


def complaints() -> dict[str, str]:
    return {name: one["outcome"] for name, one in visit()[0].items() if one["outcome"] != "ok"}


@pytest.fixture
def site(accepted: Callable[..., list[Image]], files: Path) -> list[Image]:
    """Three images with masks and embeddings, as they should be."""
    images = accepted(range(3))
    claim, rows = embedding_claim_batch(limit=10, lease_seconds=60)
    for row in rows:
        assert embedding_store(embedding=row, claim=claim, content=b"values", seconds=1)
    tallies_sweep()
    return images


def test_the_doctor_is_content_with_a_site_in_order(site: list[Image]) -> None:
    checks, is_well = visit()
    assert {one["outcome"] for one in checks.values()} == {"ok"}, checks
    assert is_well
    assert list(visit("--only", "files", "--only", "leases")[0]) == ["files", "leases"]


def test_lines_say_what_and_how_many_and_what_to_do(site: list[Image], files: Path) -> None:
    (files / site[0].thumbnail_key).unlink()
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 of 12 checks failed"):
        call_command("doctor", stdout=out)
    [line] = [line for line in out.getvalue().splitlines() if line.startswith("failed")]
    assert line.split()[1] == "files"
    assert f"1 of 6 files that rows name are not in the storage: {site[0].thumbnail_key}" in line
    assert "from a backup" in line


def test_a_lost_thumbnail_is_made_again_of_the_photograph(site: list[Image], files: Path) -> None:
    path = files / site[0].thumbnail_key
    content = path.read_bytes()
    path.unlink()
    checks, is_well = visit("--repair")
    assert checks["files"]["mended"] == "1 thumbnails and previews made again"
    assert is_well
    assert path.read_bytes() == content
    # With the photograph, nothing is left to make it of.
    path.unlink()
    (files / site[0].original_key).unlink()
    checks, is_well = visit("--repair")
    assert checks["files"]["mended"] == "0 thumbnails and previews made again"
    assert (checks["files"]["count"], is_well) == (2, False)


def test_embeddings_without_their_file_are_queued_again(site: list[Image], files: Path) -> None:
    gone, short = Embedding.objects.order_by("pk")[:2]
    (files / gone.file_key).unlink()
    (files / short.file_key).write_bytes(b"val")
    checks, is_well = visit()
    assert (checks["embeddings"]["outcome"], checks["embeddings"]["count"]) == ("failed", 2)
    assert not is_well

    checks, is_well = visit("--repair")
    assert checks["embeddings"]["mended"] == "2 embeddings queued again"
    assert is_well
    assert complaints() == {}
    assert set(Embedding.objects.filter(state="queued").values_list("pk", flat=True)) == {gone.pk, short.pk}
    claim, rows = embedding_claim_batch(limit=10, lease_seconds=60)
    assert all(embedding_store(embedding=row, claim=claim, content=b"values", seconds=1) for row in rows)
    assert complaints() == {}
    [[_, sums]] = family_sums(STORAGE, by=["project_id"], filters={"project_id": site[0].project_id}).items()
    assert sums["embedding_bytes"] == 3 * len(b"values")


def test_a_flipped_byte_of_a_graph_is_put_right_from_the_artifact(site: list[Image], files: Path) -> None:
    version = ModelVersion.objects.get()
    path = files / version.click_key
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    (files / version.prepare_key).unlink()
    checks, is_well = visit()
    assert (checks["models"]["outcome"], checks["models"]["count"]) == ("failed", 2)
    assert not is_well

    assert visit("--repair")[1]
    assert path.read_bytes() == whole
    assert complaints() == {}


def test_a_flipped_byte_of_the_weights_is_seen_and_never_mended_away(
    site: list[Image], tiny_folder: Path, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "models" / "tiny" / tiny_folder.name
    folder.mkdir(parents=True)
    for path in tiny_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    settings.MODELS_DIR = tmp_path / "models"
    assert complaints() == {}
    weights = folder / "weights.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert complaints() == {"models": "failed"}
    checks, is_well = visit("--repair")
    assert not is_well
    assert str(weights) in checks["models"]["what"]


def test_a_model_nobody_registered_is_registered(model_version: ModelVersion) -> None:
    model_version.delete()
    checks, is_well = visit("--only", "models")
    assert (checks["models"]["outcome"], is_well) == ("warning", True)
    visit("--only", "models", "--repair")
    assert ModelVersion.objects.get().name == "tiny"


def test_orphans_are_found_and_removed(site: list[Image], files: Path) -> None:
    file_write("images/0123/original.png", b"x")
    assert complaints() == {}
    yesterday = time.time() - 25 * 3600
    os.utime(files / "images/0123/original.png", (yesterday, yesterday))
    assert complaints() == {"orphans": "warning"}
    assert visit("--repair")[0]["orphans"]["mended"] == "1 files removed"
    assert not (files / "images/0123/original.png").exists()
    assert complaints() == {}


def test_leases_nobody_gives_back_are_freed(site: list[Image], project: Project, owner: Any) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    job = job_enqueue(kind="export.coco", params={}, project=project, creator=owner)
    Job.objects.filter(pk=job.pk).update(
        state="running", claimed_by="x", attempts=1, lease_expires_at=long_ago
    )
    Embedding.objects.filter(pk=Embedding.objects.order_by("pk")[0].pk).update(
        state="running", claimed_by="x", attempts=1, lease_expires_at=long_ago
    )
    checks, is_well = visit()
    assert (checks["leases"]["outcome"], checks["leases"]["count"], is_well) == ("failed", 2, False)
    assert visit("--repair")[1]
    job.refresh_from_db()
    assert job.state == "queued"
    assert not Embedding.objects.filter(state="running").exists()
    assert "leases" not in complaints()


def test_sums_that_are_not_what_counting_says_are_counted_anew(site: list[Image], project: Project) -> None:
    Tally.objects.filter(project=project, measure="masks").update(amount=99)
    MasksByDay.objects.filter(project=project).delete()
    assert complaints() == {"tallies": "failed"}
    assert visit("--repair")[0]["tallies"]["mended"] == "1 projects counted anew"
    assert complaints() == {}
    [[_, sums]] = family_sums(MASKS, by=["project_id"], filters={"project_id": project.pk}).items()
    assert sums["masks"] == 3


def test_sums_of_days_that_never_were_are_seen(site: list[Image], project: Project) -> None:
    row = MasksByDay.objects.filter(project=project)[0]
    MasksByDay.objects.filter(pk=row.pk).update(day=row.day - timedelta(days=400))
    assert complaints() == {"tallies": "failed"}


def test_a_migration_that_was_not_applied_is_told(site: list[Image]) -> None:
    MigrationRecorder.Migration.objects.filter(app="webhooks").order_by("-id")[0].delete()
    checks, is_well = visit("--only", "database")
    assert "webhooks" in checks["database"]["what"]
    assert "migrate" in checks["database"]["advice"]
    assert not is_well


def test_a_broker_and_a_storage_that_are_away_are_told(
    site: list[Image], files: Path, tmp_path: Path, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://:secret@127.0.0.1:1/0"
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": str(blocked / "files")}}
    }
    checks, is_well = visit("--only", "broker", "--only", "storage")
    assert [one["outcome"] for one in checks.values()] == ["failed", "failed"]
    assert "secret" not in json.dumps(checks)
    assert not is_well


def test_a_model_of_the_old_format_is_told(site: list[Image]) -> None:
    ModelVersion.objects.update(prepare_key="", click_key="")
    checks, is_well = visit("--only", "formats")
    assert (checks["formats"]["outcome"], is_well) == ("warning", True)
    assert "upgrade_artifacts" in checks["formats"]["advice"]


@pytest.mark.parametrize(
    ("free", "total", "outcome"),
    [(0.5, 100, "failed"), (5, 100, "warning"), (15, 100, "ok"), (5, 20, "ok"), (30, 1000, "ok")],
)
def test_a_disk_is_judged_by_what_is_left(free: float, total: float, outcome: str, tmp_path: Path) -> None:
    assert disk.judged(tmp_path, int(free * disk.GIB), int(total * disk.GIB)).outcome == outcome


@pytest.mark.parametrize(("seconds", "outcome"), [(0, "ok"), (-1, "ok"), (5, "warning"), (-60, "failed")])
def test_a_clock_is_judged_by_how_far_it_is_from_ours(seconds: float, outcome: str) -> None:
    now = timezone.now()
    found = clock.judged(now, now + timedelta(seconds=seconds), now + timedelta(milliseconds=5))
    assert found.outcome == Outcome(outcome)
