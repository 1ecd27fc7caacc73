import time
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from backend.common import jobs
from backend.common.storage import files_delete
from backend.embeddings import services
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.selectors import images_without_embedding
from backend.embeddings.services import State
from backend.images.models import Image
from backend.projects.models import Project
from backend.projects.services import project_update
from tests.builders import make_image


@pytest.fixture
def rows(project: Project) -> list[Embedding]:
    """Three queued rows, oldest first."""
    return [make_image(project, seed=seed).embedding for seed in range(3)]  # type: ignore[misc]


def claim(limit: int = 2, lease: float = 60) -> tuple[str, list[Embedding]]:
    return services.embedding_claim_batch(limit=limit, lease_seconds=lease)


def let_leases_expire() -> None:
    Embedding.objects.filter(state=State.RUNNING).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def fail(row: Embedding, held_by: str, *, is_permanent: bool) -> bool:
    return services.embedding_fail(
        embedding=row, claim=held_by, code="x.y", message="why", is_permanent=is_permanent
    )


def test_a_claim_takes_the_oldest_rows_and_leaves_the_others(rows: list[Embedding]) -> None:
    _, first = claim()
    _, second = claim()
    assert [row.pk for row in first] == [rows[0].pk, rows[1].pk]
    assert [row.pk for row in second] == [rows[2].pk]
    assert claim()[1] == []
    assert {row.attempts for row in first} == {1}
    assert {row.state for row in first} == {State.RUNNING}


def test_a_batch_is_of_one_model(rows: list[Embedding], project: Project, other_model: ModelVersion) -> None:
    image = Image.objects.get(embedding=rows[0])
    services.embedding_request(image=image, model_version=other_model)
    versions = [{row.model_version_id for row in claim(limit=10)[1]} for _ in range(2)]
    assert versions == [{project.model_id}, {other_model.pk}]


def test_storing_makes_a_row_ready_with_its_file(rows: list[Embedding], files: Path) -> None:
    held_by, (row, *_) = claim()
    assert services.embedding_store(embedding=row, claim=held_by, content=b"\x00\x3c" * 8, seconds=0.5)
    row.refresh_from_db()
    assert (row.state, row.byte_size, row.seconds, row.claimed_by) == (State.READY, 16, 0.5, "")
    assert (files / row.file_key).read_bytes() == b"\x00\x3c" * 8
    assert row.image_sha256 in row.file_key
    assert row.model_version.version in row.file_key


def test_files_of_a_deleted_row_are_not_those_of_a_later_one(
    rows: list[Embedding], project: Project, files: Path
) -> None:
    """Files go after the commit, which takes minutes in a large project; meanwhile the picture may be uploaded again."""
    keys = []
    for _ in range(2):
        held_by, (row, *_) = claim(limit=1)
        assert services.embedding_store(embedding=row, claim=held_by, content=b"values", seconds=1)
        row.refresh_from_db()
        keys.append(row.file_key)
        Image.objects.get(embedding=row).delete()
        row.delete()
        again = make_image(project, seed=0)
        Embedding.objects.filter(pk=again.embedding.pk).update(priority=1)
    files_delete(keys[:1])
    assert not (files / keys[0]).exists()
    assert (files / keys[1]).read_bytes() == b"values"


def test_who_lost_the_lease_changes_nothing(rows: list[Embedding], files: Path) -> None:
    slow, (row, *_) = claim(limit=1)
    let_leases_expire()
    services.embedding_sweep()
    claim(limit=3)  # the others, which nobody tried yet
    quick, again = claim(limit=3)
    assert [item.pk for item in again] == [row.pk]
    assert not services.embedding_store(embedding=row, claim=slow, content=b"old", seconds=1)
    assert not fail(row, slow, is_permanent=True)
    assert services.embedding_renew(claim=slow, lease_seconds=60) == 0
    row.refresh_from_db()
    assert (row.state, row.claimed_by) == (State.RUNNING, quick)
    assert services.embedding_store(embedding=row, claim=quick, content=b"new", seconds=1)
    assert not services.embedding_store(embedding=row, claim=slow, content=b"old", seconds=1)
    row.refresh_from_db()
    assert (files / row.file_key).read_bytes() == b"new", (
        "a late file must not replace the one the row describes"
    )


def test_a_renewed_lease_is_not_swept(rows: list[Embedding]) -> None:
    held_by, _ = claim(limit=1, lease=0.0)
    assert services.embedding_renew(claim=held_by, lease_seconds=60) == 1
    assert services.embedding_sweep()["requeued"] == 0


def test_a_transient_failure_is_tried_three_times_a_permanent_one_once(rows: list[Embedding]) -> None:
    states = []
    for _ in range(3):
        held_by, (row, *_) = claim(limit=1)
        Embedding.objects.exclude(pk=row.pk).filter(state=State.QUEUED).update(state=State.READY)
        fail(row, held_by, is_permanent=False)
        row.refresh_from_db()
        states.append((row.state, row.attempts))
    assert states == [(State.QUEUED, 1), (State.QUEUED, 2), (State.FAILED, 3)]
    assert (row.error_code, row.error_message) == ("x.y", "why")


def test_a_permanent_failure_is_final_at_once(rows: list[Embedding]) -> None:
    held_by, (row, *_) = claim(limit=1)
    assert fail(row, held_by, is_permanent=True)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.FAILED, 1)


def test_three_dead_workers_fail_a_row_with_the_reason(project: Project) -> None:
    row = make_image(project).embedding
    outcomes = []
    for _ in range(3):
        claim(limit=3)
        let_leases_expire()
        outcomes.append(services.embedding_sweep())
    assert [(outcome["requeued"], outcome["failed"]) for outcome in outcomes] == [(1, 0), (1, 0), (0, 1)]
    row.refresh_from_db()
    assert (row.state, row.error_code) == (State.FAILED, "embedding.worker_lost")


def test_a_picture_that_kills_its_workers_fails_alone(rows: list[Embedding], project: Project) -> None:
    first, second, third = [row.pk for row in rows]
    later: list[int] = []
    batches = []
    while (taken := claim(limit=3))[1]:
        held_by, batch = taken
        batches.append([row.pk for row in batch])
        if first in batches[-1]:
            let_leases_expire()
            services.embedding_sweep()
        else:
            for row in batch:
                services.embedding_store(embedding=row, claim=held_by, content=b"values", seconds=1)
        if not later:
            later += [make_image(project, seed=seed).embedding.pk for seed in (5, 6)]
    assert batches == [[first, second, third], [first], [second], [third], later, [first]]
    assert [row.state for row in Embedding.objects.order_by("pk")] == [State.FAILED, *[State.READY] * 4]


def test_retry_queues_a_failed_row_with_all_its_attempts_and_nothing_else(rows: list[Embedding]) -> None:
    held_by, (row, *_) = claim(limit=1)
    image = Image.objects.get(embedding=row)
    assert services.embedding_retry(image=image).state == State.RUNNING
    fail(row, held_by, is_permanent=True)
    image.refresh_from_db()
    retried = services.embedding_retry(image=image)
    assert (retried.state, retried.attempts, retried.error_code) == (State.QUEUED, 0, "")


def test_the_sweep_gives_an_embedding_to_an_image_without_one(rows: list[Embedding]) -> None:
    Image.objects.filter(embedding=rows[0]).update(embedding=None)
    services.embedding_sweep()
    assert not Image.objects.filter(embedding__isnull=True).exists()


def test_the_sweep_brings_an_image_to_its_projects_model(
    rows: list[Embedding], project: Project, other_model: ModelVersion
) -> None:
    Project.objects.filter(pk=project.pk).update(model=other_model)
    services.embedding_sweep()
    assert set(Image.objects.values_list("embedding__model_version", flat=True)) == {other_model.pk}
    assert not images_without_embedding().exists()


def test_an_image_uploaded_while_the_model_changes_gets_the_new_one(
    project: Project, other_model: ModelVersion
) -> None:
    """The upload read its project before; the first image of a long batch is no different from the last."""
    assert project.model != other_model
    project_update(project=Project.objects.get(pk=project.pk), changes={"model": other_model})
    image = make_image(project)
    assert image.embedding.model_version == other_model


def test_the_doorbell_is_rung_after_the_commit_and_its_loss_is_survived(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """The broker is a Redis nobody answers for: a closed port."""
    deaf = Celery("deaf", broker="redis://127.0.0.1:1/0")
    monkeypatch.setattr(jobs, "app", deaf)
    monkeypatch.setattr(jobs, "doorbell", jobs.Doorbell())
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        image = make_image(project)
    assert len(callbacks) == 1
    assert caplog.text.count("doorbell_failed") == 1
    # The broker is left alone for a while, so that a large upload does not wait for it picture by picture.
    started = time.monotonic()
    assert not jobs.enqueue(jobs.EMBED_QUEUED)
    assert time.monotonic() - started < 0.1
    assert image.embedding is not None
    assert image.embedding.state == State.QUEUED
