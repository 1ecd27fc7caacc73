"""The job as a worker does it, with the real tiny model."""

import json
import shutil
import uuid
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.common.storage import file_read
from backend.evaluations.models import Evaluation
from backend.evaluations.registry import TASKS as KNOWN
from backend.evaluations.selectors import key_figures
from backend.evaluations.services import evaluation_create
from backend.images.models import Image
from backend.jobs.claims import job_claim, job_pulse, job_release
from backend.jobs.context import JobCancelled, JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.projects.models import Project
from backend.projects.services import label_create
from backend.users.models import User
from backend.work.models import Status, WorkItem
from models.sam.detection.learning import new_detector
from models.sam.detection.weights import save_detector
from models.sam.evaluation.tasks import TASKS
from models.sam.manifest import read_manifest
from tests.builders import encode_mask, make_image, make_mask_body, rectangle
from workers.evaluating import FOLDERS, evaluate
from workers.main import app  # registers how evaluations are done
from workers.runtime import runtime

WIDTH, HEIGHT = 96, 72
SMALL = {"proposals": {"points_per_side": 2}, "edges": {"thresholds": 3}}
# Words are a file beside a model, which artifacts made here do not have.
BY_COMMAND_ONLY = {"text"}
MASKS = ((4, 6, 40, 50), (30, 40, 70, 90))


@pytest.fixture(autouse=True)
def fresh_runtime(tmp_path: Path, settings: Any) -> None:
    assert "jobs.run_gpu" in app.tasks
    settings.DATA_DIR = str(tmp_path / "data")
    runtime.cache_clear()


@pytest.fixture
def images(project: Project, owner: User) -> list[Image]:
    """Three accepted images with a mask of either label each."""
    client = APIClient()
    client.force_login(owner)
    labels = [project.labels.get().pk, label_create(project=project, name="co$t $\\x$").pk]
    made = [
        make_image(project, seed=seed, name=f"{seed}.png", width=WIDTH, height=HEIGHT) for seed in range(3)
    ]
    for image in made:
        for label, sides in zip(labels, MASKS, strict=True):
            mask = encode_mask(rectangle(HEIGHT, WIDTH, *sides))
            body = make_mask_body(image, label, segmentation=mask)
            assert client.post(f"/api/v1/images/{image.pk}/masks/", body, format="json").status_code == 201
    WorkItem.objects.filter(image__in=made).update(status=Status.ACCEPTED)
    return made


@pytest.fixture
def begin(project: Project, owner: User) -> Callable[..., Evaluation]:
    def make(task: str = "instances", **settings: int) -> Evaluation:
        wanted = SMALL.get(task, {}) | settings
        return evaluation_create(
            project=project, creator=owner, job_id=uuid.uuid4(), task=task, settings=wanted
        )[0]

    return make


def claimed(kind: type[JobContext] = JobContext) -> JobContext:
    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    return kind(job, claim)


def run_next() -> Job:
    """Does the job that waits, without the thread that carries its progress: a test's rows are seen by nobody else."""
    context = claimed()
    note_end = job_run(context)
    job_pulse(context, lease_seconds=None)
    note_end()
    context.job.refresh_from_db()
    return context.job


def records(job_id: uuid.UUID) -> dict[str, Any]:
    lines = (FOLDERS.of(job_id) / "records.jsonl").read_text().splitlines()[1:]
    return {line["key"]: line["record"] for line in map(json.loads, lines)}


def test_what_the_web_part_knows_of_tasks_is_what_the_models_have() -> None:
    assert {name: task.title for name, task in KNOWN.items()} == {
        name: task.title for name, task in TASKS.items() if name not in BY_COMMAND_ONLY
    }


@pytest.mark.parametrize("task", KNOWN)
def test_every_task_leaves_a_report_and_a_page(
    images: list[Image], begin: Callable[..., Evaluation], task: str
) -> None:
    evaluation = begin(task)
    job = run_next()
    assert (job.state, job.error_message) == ("succeeded", "")
    assert (job.done, job.total, job.file_media_type, job.file_expires_at) == (3, 3, "text/html", None)
    evaluation.refresh_from_db()
    assert (evaluation.images, evaluation.images_left_out) == (3, 0)
    assert evaluation.report is not None
    assert evaluation.report["task"] == task
    assert evaluation.report["model"] == str(evaluation.model_version)
    for name, value in evaluation.settings.items():
        assert evaluation.report.get(name, value) == value
    # Each figure that people look at first stands in the report, but those of a detector, which the model has not, and of
    # small and large masks, of which there are none.
    missing = {one.name for one in KNOWN[task].figures} - {one["name"] for one in key_figures(evaluation)}
    assert not {name for name in missing if not name.endswith((", small", ", large", "detector's boxes"))}
    page = file_read(job.file_key).decode()
    assert TASKS[task].title in page
    assert "<script" not in page


def test_its_folder_goes_with_its_end(
    images: list[Image], begin: Callable[..., Evaluation], django_capture_on_commit_callbacks: Any
) -> None:
    folder = FOLDERS.of(begin().job.uuid)
    with django_capture_on_commit_callbacks() as callbacks:
        assert run_next().state == "succeeded"
    assert folder.is_dir()
    for callback in callbacks:
        callback()
    assert not folder.exists()
    assert FOLDERS.sweep() == 0


def test_labels_are_the_classes_and_settings_reach_the_task(
    images: list[Image], begin: Callable[..., Evaluation]
) -> None:
    evaluation = begin("probe", max_images=2, max_masks_per_image=1)
    assert run_next().state == "succeeded"
    evaluation.refresh_from_db()
    report = evaluation.report
    assert report is not None
    found = report["datasets"]["accepted masks"]
    assert (report["images"], report["max_masks_per_image"], found["masks"]) == (2, 1, 2)
    assert set(found["classes"]) <= {"object", "co$t $\\x$"}


def test_an_image_that_cannot_be_read_keeps_no_other_from_being_measured(
    files: Path, images: list[Image], begin: Callable[..., Evaluation]
) -> None:
    (files / images[0].display_key).unlink()
    (files / images[1].display_key).write_bytes(b"no picture")
    evaluation = begin()
    job = run_next()
    assert job.state == "succeeded"
    evaluation.refresh_from_db()
    assert (evaluation.images, evaluation.images_left_out) == (1, 2)
    warnings = list(job.lines.filter(level="warning").values_list("text", flat=True))
    assert [line.split(":")[0] for line in warnings] == ["0.png", "1.png"]
    assert "could not be looked at: 2 images" in file_read(job.file_key).decode()


def test_an_image_that_the_model_cannot_do_is_left_out(
    images: list[Image], begin: Callable[..., Evaluation], monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = TASKS["instances"].measure

    def failing(task: Any, predictor: Any, item: Any) -> Any:
        if item.image.file_name == f"{images[1].pk} 1.png":
            raise RuntimeError("out of memory")
        return measure(task, predictor, item)

    monkeypatch.setattr(TASKS["instances"], "measure", failing)
    evaluation = begin()
    job = run_next()
    evaluation.refresh_from_db()
    assert (job.state, evaluation.images, evaluation.images_left_out) == ("succeeded", 2, 1)
    (warning,) = job.lines.filter(level="warning").values_list("text", flat=True)
    assert warning == f"{images[1].pk} 1.png: RuntimeError: out of memory"


def test_where_nothing_can_be_measured_the_job_says_so(
    files: Path, images: list[Image], begin: Callable[..., Evaluation]
) -> None:
    for image in images:
        (files / image.display_key).unlink()
    evaluation = begin()
    job = run_next()
    assert (job.state, job.error_code) == ("failed", "evaluation.nothing_measured")
    evaluation.refresh_from_db()
    assert evaluation.report is None


def test_a_model_that_is_not_here_fails_the_evaluation(
    images: list[Image], tmp_path: Path, settings: Any, begin: Callable[..., Evaluation]
) -> None:
    begin()
    settings.MODELS_DIR = tmp_path
    job = run_next()
    assert (job.state, job.error_code) == ("failed", "embedding.model_unavailable")


def test_a_job_that_ends_early_goes_on_with_the_images_that_are_left(
    images: list[Image], begin: Callable[..., Evaluation], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = begin()
    job_id = evaluation.job.uuid

    class Ending(JobContext):
        def check(self) -> None:
            super().check()
            if (FOLDERS.of(job_id) / "records.jsonl").exists() and records(job_id):
                raise JobInterrupted

    context = claimed(Ending)
    with pytest.raises(JobInterrupted):
        evaluate(context)
    first = records(job_id)
    assert len(first) == 1
    job_release(context)
    asked: list[str] = []
    measure = TASKS["instances"].measure

    def counting(task: Any, predictor: Any, item: Any) -> Any:
        asked.append(item.key)
        return measure(task, predictor, item)

    monkeypatch.setattr(TASKS["instances"], "measure", counting)
    assert run_next().state == "succeeded"
    assert len(asked) == 2
    assert not first.keys() & set(asked)
    assert first.items() <= records(job_id).items()


def test_it_is_cancelled_between_images(images: list[Image], begin: Callable[..., Evaluation]) -> None:
    evaluation = begin()

    class Cancelling(JobContext):
        def progress(self, done: int, total: int | None = None) -> None:
            self.is_cancelled = done == 1
            super().progress(done, total)

    with pytest.raises(JobCancelled):
        evaluate(claimed(Cancelling))
    assert len(records(evaluation.job.uuid)) == 1
    evaluation.refresh_from_db()
    assert evaluation.report is None


def test_the_models_detector_is_asked_for_boxes(
    tmp_path: Path,
    settings: Any,
    tiny_artifacts: Path,
    model_version: Any,
    images: list[Image],
    begin: Callable[..., Evaluation],
) -> None:
    # The model again, in an artifact that holds a detector: web and workers call it by the same name.
    made = tmp_path / "models"
    shutil.copytree(tiny_artifacts, made)
    folder = made / model_version.name / model_version.version
    detector = new_detector(tuple(read_manifest(folder).embedding_shape), seed=1)
    save_detector(detector, folder / "detector.safetensors", model=str(model_version))
    manifest = json.loads((folder / "manifest.json").read_text())
    content = (folder / "detector.safetensors").read_bytes()
    entry = {"file": "detector.safetensors", "sha256": sha256(content).hexdigest(), "bytes": len(content)}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"detector": entry}))
    settings.MODELS_DIR = made
    evaluation = begin()
    assert run_next().state == "succeeded"
    evaluation.refresh_from_db()
    assert evaluation.report is not None
    assert evaluation.report["boxes"] == ["truth", "detector"]
    names = [one["name"] for one in key_figures(evaluation)]
    assert "AP, the detector's boxes" in names
    assert np.isfinite([one["value"] for one in key_figures(evaluation)]).all()
