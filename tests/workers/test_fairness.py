"""The job as a worker does it, with the real tiny model."""

import csv
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.common.storage import file_read
from backend.fairness.models import DrawnImage, FairnessReport, MeasuredMask
from backend.fairness.services import report_create
from backend.images.models import Image
from backend.jobs.claims import job_claim, job_pulse, job_release
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.projects.models import Project
from backend.users.models import User
from backend.work.models import Status, WorkItem
from models.sam.artifact import load_artifact
from models.sam.evaluation.clicks import farthest_point, iou, next_click
from models.sam.predictor import SamPredictor
from models.sam.rle import decode
from tests.builders import encode_mask, make_image, make_mask_body, rectangle
from workers import fairness
from workers.fairness import measure
from workers.main import app  # registers how reports are done
from workers.runtime import runtime
from workers.tasks.embeddings import embed_queued

WIDTH, HEIGHT = 96, 72


@pytest.fixture(autouse=True)
def fresh_runtime() -> None:
    assert "jobs.run_gpu" in app.tasks
    runtime.cache_clear()


@pytest.fixture
def images(project: Project, owner: User) -> list[Image]:
    """Three accepted images with two masks each."""
    client = APIClient()
    client.force_login(owner)
    made = [
        make_image(project, seed=seed, name=f"{seed}.png", width=WIDTH, height=HEIGHT) for seed in range(3)
    ]
    for image in made:
        for sides in ((4, 6, 40, 50), (30, 40, 70, 90)):
            mask = encode_mask(rectangle(HEIGHT, WIDTH, *sides))
            body = make_mask_body(image, project.labels.get().pk, segmentation=mask)
            assert client.post(f"/api/v1/images/{image.pk}/masks/", body, format="json").status_code == 201
    WorkItem.objects.filter(image__in=made).update(status=Status.ACCEPTED)
    return made


@pytest.fixture
def begin(project: Project, owner: User) -> Callable[..., FairnessReport]:
    def make(**fields: Any) -> FairnessReport:
        chosen = {"model": None, "max_masks": 2000, "seed": 0, "first_click": "centre"} | fields
        return report_create(project=project, creator=owner, job_id=uuid.uuid4(), **chosen)[0]

    return make


def run_next() -> None:
    """Does the job that waits, without the thread that carries its progress: a test's rows are seen by nobody else."""
    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = JobContext(job, claim)
    note_end = job_run(context)
    job_pulse(context, lease_seconds=None)
    note_end()


def clicked_by_hand(predictor: SamPredictor, target: np.ndarray) -> tuple[float, float]:
    """IoU after one and three clicks, click by click."""
    coords, labels, history = [farthest_point(target)[0]], [1], []
    logits = None
    while len(history) < 3:
        answer = predictor.predict(
            np.array(coords, float), np.array(labels), mask_input=logits, multimask_output=logits is None
        )
        best = int(answer.iou_predictions.argmax())
        mask, logits = answer.masks[best], answer.low_res_masks[best : best + 1]
        history.append(iou(mask, target))
        point, label = next_click(mask, target)
        coords.append(point)
        labels.append(label)
    return history[0], history[-1]


def test_the_figures_are_those_of_the_protocol_whether_the_image_is_embedded_or_not(
    project: Project,
    files: Path,
    images: list[Image],
    tiny_folder: Path,
    begin: Callable[..., FairnessReport],
) -> None:
    report = begin()
    run_next()
    job = Job.objects.get()
    assert (job.state, job.error_message, job.done, job.total) == ("succeeded", "", 6, 6)
    predictor = SamPredictor(load_artifact(tiny_folder))
    measured = {row.mask_id: row for row in MeasuredMask.objects.all()}
    assert len(measured) == 6
    for image in images:
        predictor.set_image(np.asarray(PIL.Image.open(files / image.display_key).convert("RGB")))
        for mask in Mask.objects.filter(image=image):
            target = decode({"size": [HEIGHT, WIDTH], "counts": mask.counts})
            row = measured[mask.pk]
            assert (row.iou_1, row.iou_3) == pytest.approx(clicked_by_hand(predictor, target), abs=1e-6)
            assert row.revision == mask.revision
    report.refresh_from_db()
    assert (report.images_done, report.images_drawn, report.masks_measured) == (3, 3, 6)
    assert job.result is not None
    assert {key: job.result[key] for key in ("report", "masks", "images")} == {
        "report": report.pk,
        "masks": 6,
        "images": 3,
    }
    # By the embedding, which is stored as float16.
    assert embed_queued() == 3
    again = begin()
    run_next()
    for row in MeasuredMask.objects.filter(drawn_image__report=again):
        assert row.iou_1 == pytest.approx(measured[row.mask_id].iou_1, abs=0.03)


def test_a_stored_embedding_is_used(
    images: list[Image], begin: Callable[..., FairnessReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embed_queued() == 3

    def refuse(image: Image) -> np.ndarray:
        raise AssertionError("its pixels were read")

    monkeypatch.setattr(fairness, "picture_of", refuse)
    begin()
    run_next()
    assert MeasuredMask.objects.count() == 6


def test_random_clicks_lie_in_the_mask_and_are_the_same_again(
    images: list[Image], begin: Callable[..., FairnessReport]
) -> None:
    mask = Mask.objects.first()
    assert mask is not None
    target = decode({"size": [HEIGHT, WIDTH], "counts": mask.counts})
    clicks = []
    for seed in range(50):
        report = FairnessReport(first_click="random", seed=seed)
        x, y = fairness._first_click(report, mask.pk.int, target)
        assert target[y, x]
        assert fairness._first_click(report, mask.pk.int, target) == (x, y)
        clicks.append((x, y))
    assert len(set(clicks)) > 40
    first, again = begin(first_click="random"), begin(first_click="random")
    run_next()
    run_next()
    figures = [
        sorted(MeasuredMask.objects.filter(drawn_image__report=one).values_list("mask_id", "iou_1", "iou_3"))
        for one in (first, again)
    ]
    assert figures[0] == figures[1]


def test_the_file_is_the_rows_and_is_kept(images: list[Image], begin: Callable[..., FairnessReport]) -> None:
    begin(max_masks=4)
    run_next()
    job = Job.objects.get()
    assert (job.state, job.file_media_type, job.file_expires_at) == ("succeeded", "text/csv", None)
    rows = list(csv.DictReader(io.StringIO(file_read(job.file_key).decode())))
    assert len(rows) == 4
    stored = {str(row.mask_id): row.iou_3 for row in MeasuredMask.objects.all()}
    assert {row["mask"]: float(row["iou_3"]) for row in rows} == pytest.approx(stored, abs=1e-5)


def test_an_image_that_cannot_be_read_keeps_no_other_from_being_measured(
    files: Path, images: list[Image], begin: Callable[..., FairnessReport]
) -> None:
    lost, broken, _ = images
    (files / lost.display_key).unlink()
    (files / broken.display_key).write_bytes(b"no picture")
    report = begin()
    run_next()
    job = Job.objects.get()
    assert job.state == "succeeded"
    rows = DrawnImage.objects.order_by("image").values_list("error_code", flat=True)
    assert list(rows) == ["fairness.image_missing", "fairness.image_unusable", ""]
    report.refresh_from_db()
    assert (report.images_done, report.images_failed, report.masks_measured) == (3, 2, 2)
    assert job.lines.filter(level="warning").count() == 2


def test_a_mask_that_was_deleted_since_it_was_drawn_is_passed_over(
    images: list[Image], begin: Callable[..., FairnessReport]
) -> None:
    report = begin()

    class Deleting(JobContext):
        def check(self) -> None:
            super().check()
            Mask.objects.filter(image=images[0]).delete()

    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    measure(Deleting(job, claim))
    report.refresh_from_db()
    assert (report.images_done, report.images_failed, report.masks_measured) == (3, 0, 4)


def test_a_model_that_is_not_here_fails_the_report(
    images: list[Image], tmp_path: Path, settings: Settings, begin: Callable[..., FairnessReport]
) -> None:
    begin()
    settings.MODELS_DIR = tmp_path
    run_next()
    job = Job.objects.get()
    assert (job.state, job.error_code) == ("failed", "embedding.model_unavailable")


def test_a_job_that_ends_early_goes_on_with_the_images_that_are_left(
    images: list[Image], begin: Callable[..., FairnessReport]
) -> None:
    report = begin()

    class Ending(JobContext):
        def check(self) -> None:
            super().check()
            if MeasuredMask.objects.exists():
                raise JobInterrupted

    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = Ending(job, claim)
    with pytest.raises(JobInterrupted):
        measure(context)
    first = dict(MeasuredMask.objects.values_list("mask_id", "pk"))
    assert len(first) == 2
    drawn = list(DrawnImage.objects.values_list("image", "mask_ids"))
    job_release(context)
    run_next()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("succeeded", 6, 6)
    # What was drawn stays, and what was measured is not measured again.
    assert list(DrawnImage.objects.values_list("image", "mask_ids")) == drawn
    after = dict(MeasuredMask.objects.values_list("mask_id", "pk"))
    assert len(after) == 6
    assert first.items() <= after.items()
    report.refresh_from_db()
    assert (report.images_done, report.masks_measured) == (3, 6)


def test_large_pictures_are_clicked_mask_by_mask(
    images: list[Image], begin: Callable[..., FairnessReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    run_next()
    together = dict(MeasuredMask.objects.values_list("mask_id", "iou_3"))
    monkeypatch.setattr(fairness, "_PIXELS_TOGETHER", WIDTH * HEIGHT)
    report = begin()
    run_next()
    rows = MeasuredMask.objects.filter(drawn_image__report=report)
    assert dict(rows.values_list("mask_id", "iou_3")) == pytest.approx(together, abs=0.02)
