"""A training done by the worker's own handler, with the tiny model: its masks, its process, what is kept of it."""

import io
import json
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pictures
from pytest_django import Settings
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.common.storage import file_read
from backend.embeddings.models import Embedding, ModelVersion
from backend.images.models import Image
from backend.jobs.claims import job_claim
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.jobs.services import job_cancel, job_retry
from backend.notifications.models import Notification
from backend.projects.models import Project
from backend.training.models import ImageSplit, Side, TrainingRun
from backend.training.services import run_create, run_promote
from backend.users.models import User
from backend.webhooks.models import Delivery
from backend.webhooks.services import webhook_create
from backend.work.models import Status, WorkItem
from models.sam.training.data_sources import read_images
from tests.builders import encode_mask, make_image, make_mask_body, rectangle
from workers import training
from workers.lease import JobKeeper
from workers.runtime import runtime
from workers.tasks.embeddings import embed_queued
from workers.training_process import TrainingProcess

SIZE = 120


@pytest.fixture(autouse=True)
def trains_here(settings: Settings, tmp_path: Path, tiny_artifacts: Path, model_version: Any) -> None:
    """Artifacts and folders of this test's own, and the handler known."""
    shutil.copytree(tiny_artifacts, tmp_path / "models")
    settings.MODELS_DIR = tmp_path / "models"
    settings.DATA_DIR = tmp_path / "data"
    settings.EMBEDDING_BATCH_SIZE = 4
    runtime.cache_clear()
    training.subscribe()


@pytest.fixture
def accepted(project: Project, owner: User) -> list[Image]:
    """Five pictures with three masks each, accepted; one is only submitted."""
    browser = APIClient()
    browser.force_login(owner)
    images = [make_image(project, seed=seed, width=SIZE, height=SIZE) for seed in range(6)]
    for image in images:
        for number in range(3):
            drawn = rectangle(SIZE, SIZE, 10 + 30 * number, 20, 32 + 30 * number, 70 + 10 * number)
            body = make_mask_body(image, project.labels.get().pk, segmentation=encode_mask(drawn))
            assert browser.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    WorkItem.objects.filter(image__in=images[:5]).update(status=Status.ACCEPTED)
    WorkItem.objects.filter(image=images[5]).update(status=Status.SUBMITTED)
    return images


@pytest.fixture
def start(project: Project, owner: User, accepted: list[Image]) -> Callable[..., TrainingRun]:
    def make(**fields: Any) -> TrainingRun:
        options = {"max_minutes": 5, "steps": 2} | fields
        run, _ = run_create(project=project, creator=owner, run_uuid=uuid.uuid4(), **options)
        return run

    return make


def do_one() -> Job:
    """The job that waits, done as a worker does it."""
    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    job_run(JobContext(job, claim))()
    return Job.objects.get(pk=job.pk)


@pytest.mark.django_db(transaction=True)
def test_a_training_makes_a_version_that_is_measured_and_nobodys_yet(
    start: Callable[..., TrainingRun], project: Project, owner: User, tmp_path: Path
) -> None:
    webhook = webhook_create(
        project=project, creator=owner, url="https://8.8.8.8/hook", events=["model.ready"]
    )
    run = start()
    job = do_one()
    assert (job.state, job.error_message) == ("succeeded", "")
    run.refresh_from_db()
    assert (run.train_masks + run.val_masks, run.parts_chosen, run.device) == (15, "decoder", "cpu")
    for name in ("parent", "child"):
        assert run.metrics[name]["masks"] == run.val_masks
        assert 0 <= run.metrics[name]["mean_miou"] <= 1
    assert run.metrics["difference"]["images"] == run.val_images
    assert run.verdict in ("better", "same", "worse")
    assert [point["step"] for point in run.curve if "val" in point] == [0, 1, 2]
    version = run.result
    assert version is not None
    assert (version.parent, version.encoder_of, version.is_default) == (run.parent, run.parent, False)
    assert version.metrics == run.metrics["child"]
    assert version.has_graphs
    project.refresh_from_db()
    assert project.model == run.parent
    assert (job.file_expires_at, job.is_expired) == (None, False), "its pictures stay"
    assert job.result is not None
    with Pictures.open(io.BytesIO(file_read(job.file_key))) as picture:
        assert picture.format == "JPEG"
    assert not list((tmp_path / "data" / "training").glob("*")), "the folder goes when the job succeeded"
    assert Notification.objects.get(user=owner).kind == "job_finished"
    told = Delivery.objects.get(webhook=webhook).payload["data"]["model"]
    assert (told["model"], told["verdict"]) == (str(version), run.verdict)


@pytest.mark.django_db(transaction=True)
def test_the_same_encoder_is_not_run_again_for_the_new_version(
    start: Callable[..., TrainingRun], project: Project, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    while embed_queued():
        pass
    before = dict(Image.objects.values_list("pk", "embedding__etag"))
    start()
    do_one()
    run_promote(run=TrainingRun.objects.get(), actor=owner, even_if_worse=True)

    def refuse(*_: object) -> None:
        raise AssertionError("the encoder must not run")

    monkeypatch.setattr("workers.runtime.Runtime.embed", refuse)
    while embed_queued():
        pass
    assert dict(Image.objects.values_list("pk", "embedding__etag")) == before
    child = TrainingRun.objects.get().result
    assert set(Image.objects.values_list("embedding__model_version", flat=True)) == {child.pk}  # type: ignore[union-attr]
    files = Embedding.objects.values_list("file_key", flat=True)
    assert len(set(files)) == 12, "each row has a file of its own"


@pytest.mark.django_db(transaction=True)
def test_the_shard_has_accepted_images_on_the_side_they_were_dealt_to(
    start: Callable[..., TrainingRun], accepted: list[Image], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = start()
    kept: list[Path] = []

    def attend(process: Any) -> None:
        kept.append(process.folder)
        raise RuntimeError("not now")

    monkeypatch.setattr(TrainingProcess, "attend", attend)
    assert do_one().error_code == "job.crashed"
    images = {int(image.file_name.split(".")[0]): image for image in read_images(kept[0] / "data.tar")}
    assert set(images) == {image.pk for image in accepted[:5]}
    sides = dict(ImageSplit.objects.values_list("sha256", "side"))
    assert {images[image.pk].split == sides[image.sha256] for image in accepted[:5]} == {True}
    assert set(sides.values()) == set(Side.values)
    assert all(len(image.segmentations) == 3 for image in images.values())
    # What is accepted later is none of this run, which goes on with what it has.
    WorkItem.objects.update(status=Status.IN_PROGRESS)
    job = do_one()
    assert "to measure by" in job.lines.order_by("-number").values_list("text", flat=True)[1]
    run.refresh_from_db()
    assert run.train_masks + run.val_masks == 15


@pytest.mark.django_db(transaction=True)
def test_another_projects_pictures_are_learned_from_and_never_measured_by_or_shown(
    start: Callable[..., TrainingRun],
    make_project: Callable[..., Project],
    owner: User,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = make_project(owner, "Dogs")
    theirs = [make_image(other, seed=seed, width=SIZE, height=SIZE) for seed in range(40, 46)]
    browser = APIClient()
    browser.force_login(owner)
    for image in theirs:
        drawn = encode_mask(rectangle(SIZE, SIZE, 10, 20, 60, 70))
        body = make_mask_body(image, other.labels.get().pk, segmentation=drawn)
        assert browser.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    WorkItem.objects.filter(image__in=theirs).update(status=Status.ACCEPTED)
    run = start(project_ids=[other.pk])
    kept: list[Path] = []

    def attend(process: Any) -> None:
        kept.append(process.folder)
        raise RuntimeError("not now")

    monkeypatch.setattr(TrainingProcess, "attend", attend)
    do_one()
    found = {int(image.file_name.split(".")[0]): image.split for image in read_images(kept[0] / "data.tar")}
    sides = dict(ImageSplit.objects.values_list("sha256", "side"))
    assert {found.get(image.pk) for image in theirs} == {"train", None}
    assert {sides[image.sha256] for image in theirs if image.pk not in found} == {Side.VAL}
    measured = [pk for pk, split in found.items() if split == "val"]
    assert set(Image.objects.filter(pk__in=measured).values_list("project", flat=True)) == {project.pk}
    counted = (run.train_images, run.val_images)
    run.refresh_from_db()
    assert (run.train_images, run.val_images) == counted == (len(found) - len(measured), len(measured))


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_training_ends_within_seconds_and_leaves_nothing(
    start: Callable[..., TrainingRun], tmp_path: Path, owner: User
) -> None:
    run = start(steps=1_000_000)
    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = JobContext(job, claim)
    asked: list[float] = []
    folder = training.FOLDERS.of(job.uuid)

    class Cancelling(JobKeeper):
        """Cancels as soon as the process has taken a step."""

        def turn(self) -> bool:
            if not asked and (folder / "metrics.jsonl").is_file():
                asked.append(time.monotonic())
                job_cancel(job=Job.objects.get(pk=job.pk))
            return super().turn()

    with Cancelling(context, 60, 60):
        end = job_run(context)
    end()
    assert time.monotonic() - asked[0] < 10
    assert Job.objects.get(pk=job.pk).state == "cancelled"
    assert not folder.exists()
    assert not ModelVersion.objects.filter(parent__isnull=False).exists()
    # Tried again, it begins anew.
    TrainingRun.objects.update(steps=1)
    job_retry(job=Job.objects.get(pk=job.pk), actor=owner)
    done = do_one()
    assert (done.state, done.result["resumed_at"]) == ("succeeded", None)  # type: ignore[index]
    assert run.pk == done.result["run"]  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_trained_fails_for_good_and_says_why(
    start: Callable[..., TrainingRun], project: Project
) -> None:
    start()
    # Too small to be measured.
    for mask in Mask.objects.select_related("image"):
        mask.counts = make_mask_body(mask.image, 1)["segmentation"]["counts"]
        mask.save(update_fields=["counts"])
    job = do_one()
    assert (job.state, job.error_code, job.attempts) == ("failed", "training.failed", 1)
    assert job.error_message == "The training failed: no val image has a mask large enough to be measured"
    assert json.loads((training.FOLDERS.of(job.uuid) / "spec.json").read_text())["steps"] == 2
    assert training.FOLDERS.sweep() == 0, "it may be tried again"
    Job.objects.all().delete()
    assert training.FOLDERS.sweep() == 1
