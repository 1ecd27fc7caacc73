"""The job as a worker does it, with the real tiny model."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from pytest_django import Settings

from backend.embeddings.registration import model_version_register
from backend.images.models import Image
from backend.jobs.claims import job_claim, job_pulse, job_release
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.privacy.services import privacy_set
from backend.projects.models import Project
from backend.proposals.models import Proposal, ProposalRun, ProposedImage
from backend.proposals.services import run_create
from backend.users.models import User
from models.sam.artifact import load_artifact, write_artifact
from models.sam.detection.detect import detect
from models.sam.detection.learning import new_detector
from models.sam.detection.masks import masks_in
from models.sam.detection.weights import load_detector, save_detector
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings, records_of
from models.sam.predictor import SamPredictor
from tests.backend.privacy.detectors import CORNER
from tests.builders import make_image, make_pixels
from workers.detecting import detector_of
from workers.main import app  # registers how runs are done
from workers.proposing import PatientDecoder, propose
from workers.runtime import Computing, Runtime, runtime
from workers.tasks.embeddings import embed_queued

# Random weights predict anything, and most masks are nearly the same: all are kept.
SETTINGS = {
    "points_per_side": 5,
    "pred_iou_thresh": 0.0,
    "stability_score_thresh": 0.0,
    "box_nms_thresh": 1.0,
}


@pytest.fixture(autouse=True)
def fresh_runtime() -> None:
    assert "jobs.run_gpu" in app.tasks
    runtime.cache_clear()


def run_next() -> None:
    """Does the run that waits, without the thread that carries its progress: a test's rows are seen by nobody else."""
    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = JobContext(job, claim)
    note_end = job_run(context)
    job_pulse(context, lease_seconds=None)
    note_end()


@pytest.fixture
def begin(project: Project, owner: User) -> Callable[..., ProposalRun]:
    def make(**fields: Any) -> ProposalRun:
        fields = {"stage": "fully_automatic", "preset": "default", "settings": SETTINGS} | fields
        return run_create(project=project, creator=owner, job_id=uuid.uuid4(), **fields)[0]

    return make


def expected_counts(predictor: SamPredictor, pixels: np.ndarray, **more: Any) -> set[str]:
    chosen = GeneratorSettings(**SETTINGS | more)
    records = AutomaticMaskGenerator(NetworkDecoder(predictor)).generate(pixels, chosen)
    return {record["segmentation"]["counts"] for record in records}


def counts_of(run: ProposalRun, image: Image) -> set[str]:
    return set(Proposal.objects.filter(run=run, image=image).values_list("counts", flat=True))


def test_a_run_keeps_what_the_generator_finds_in_each_image(
    project: Project, files: Path, tiny_folder: Path, begin: Callable[..., ProposalRun]
) -> None:
    """Embedded or not: an image without an embedding is encoded for it."""
    images = [make_image(project, seed=seed, name=f"{seed}.png", width=96, height=72) for seed in range(2)]
    assert embed_queued() == 2
    images.append(make_image(project, seed=2, name="2.png", width=96, height=72))
    run = begin()
    run_next()
    job = Job.objects.get()
    assert (job.state, job.error_message, job.done, job.total) == ("succeeded", "", 3, 3)
    predictor = SamPredictor(load_artifact(tiny_folder))
    for image in images:
        pixels = np.asarray(PIL.Image.open(files / image.display_key).convert("RGB"))
        found, expected = counts_of(run, image), expected_counts(predictor, pixels)
        assert len(found) > 3
        if image is images[-1]:
            assert found == expected
        else:
            # A float16 embedding moves a pixel here and there, and so may decide which of two masks stays.
            assert abs(len(found) - len(expected)) <= 0.3 * len(expected)
    found = Proposal.objects.count()
    assert job.result == {"run": job.proposal_run.pk, "images": 3, "proposals": found}
    assert run.images.count() == 3
    proposal = Proposal.objects.filter(image=images[0]).first()
    assert proposal is not None
    assert proposal.crop_box == [0, 0, 96, 72]
    (point,) = proposal.point_coords
    assert point[0] in [96 * (step + 0.5) / 5 for step in range(5)]


def test_the_whole_image_is_decoded_from_its_embedding_and_crops_from_their_own_pixels(
    model_version: Any, tiny_folder: Path, tiny_artifacts: Path
) -> None:
    predictor = SamPredictor(load_artifact(tiny_folder))
    plain = NetworkDecoder(predictor)
    pixels = np.asarray(make_pixels(96, 72))
    other = np.ascontiguousarray(pixels[::-1])
    points = np.array([[10.0, 12.0], [40.0, 30.0]])
    decoder = PatientDecoder(Runtime(tiny_artifacts, Computing(), 1), model_version)
    with torch.no_grad():
        decoder.embedding = predictor.encode([pixels])[0].embedding.numpy()
        for shown, expected in ((other, pixels), (other, other)):
            found = decoder.look_at(shown).decode(points)
            wanted = plain.look_at(expected).decode(points)
            assert torch.equal(found.iou_predictions, wanted.iou_predictions)
            numbers = torch.arange(6)
            for answers in (found, wanted):
                answers.choose(numbers)
            assert torch.equal(found.logits(numbers), wanted.logits(numbers))


def test_a_blurred_image_is_looked_at_as_people_see_it(
    project: Project, files: Path, tiny_folder: Path, settings: Settings, begin: Callable[..., ProposalRun]
) -> None:
    settings.PRIVACY_DETECTOR = CORNER
    privacy_set(project=project, actor=None, changes={"faces": True})
    image = make_image(project, width=96, height=72)
    assert image.source_key
    run = begin()
    run_next()
    predictor = SamPredictor(load_artifact(tiny_folder))
    shown, kept = (
        np.asarray(PIL.Image.open(files / key).convert("RGB"))
        for key in (image.display_key, image.source_key)
    )
    assert counts_of(run, image) == expected_counts(predictor, shown)
    assert counts_of(run, image) != expected_counts(predictor, kept)


def test_an_image_that_cannot_be_read_keeps_no_other_from_its_masks(
    project: Project, files: Path, begin: Callable[..., ProposalRun]
) -> None:
    lost, broken, good = (make_image(project, seed=seed, name=f"{seed}.png") for seed in range(3))
    (files / lost.display_key).unlink()
    (files / broken.display_key).write_bytes(b"no picture")
    begin()
    run_next()
    job = Job.objects.get()
    assert job.state == "succeeded"
    rows = ProposedImage.objects.order_by("image").values_list("image", "error_code")
    assert list(rows) == [
        (lost.pk, "proposal.image_missing"),
        (broken.pk, "proposal.image_unusable"),
        (good.pk, ""),
    ]
    texts = list(job.lines.filter(level="warning").values_list("text", flat=True))
    assert len(texts) == 2
    assert texts[0].startswith("0.png: ")


def test_a_model_that_is_not_here_fails_the_run(
    project: Project, tmp_path: Path, settings: Settings, begin: Callable[..., ProposalRun]
) -> None:
    make_image(project)
    begin()
    settings.MODELS_DIR = tmp_path
    run_next()
    job = Job.objects.get()
    assert (job.state, job.error_code) == ("failed", "embedding.model_unavailable")
    assert not ProposedImage.objects.exists()


def test_a_run_that_ends_early_goes_on_with_the_images_that_are_left(
    project: Project, begin: Callable[..., ProposalRun]
) -> None:
    for seed in range(3):
        make_image(project, seed=seed, name=f"{seed}.png")
    begin()

    class Ending(JobContext):
        def check(self) -> None:
            super().check()
            if ProposedImage.objects.exists():
                raise JobInterrupted

    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = Ending(job, claim)
    with pytest.raises(JobInterrupted):
        propose(context)
    first = set(Proposal.objects.values_list("pk", flat=True))
    assert first
    job_release(context)
    run_next()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("succeeded", 3, 3)
    assert ProposedImage.objects.count() == 3
    assert first < set(Proposal.objects.values_list("pk", flat=True))
    # Of no image twice what was found there.
    rows = list(Proposal.objects.values_list("image", "counts"))
    assert len(rows) == len(set(rows))


def test_the_model_is_free_between_two_batches(
    model_version: Any, tiny_artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Runtime(tiny_artifacts, Computing(), 1)
    decoder = PatientDecoder(models, model_version)
    seen: list[bool] = []

    def advance(done: int, total: int) -> None:
        seen.append(models._lock.acquire(blocking=False))
        if seen[-1]:
            models._lock.release()

    chosen = GeneratorSettings(**SETTINGS, points_per_batch=5)
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    AutomaticMaskGenerator(decoder).generate(picture, chosen, advance)
    assert seen == [True] * 5


@pytest.mark.parametrize("source", ["detector", "both"])
def test_a_detector_is_asked_for_boxes(
    project: Project,
    files: Path,
    tiny_folder: Path,
    tmp_path: Path,
    settings: Settings,
    begin: Callable[..., ProposalRun],
    source: str,
) -> None:
    """With an embedding or without: what it finds is what the model says to its boxes."""
    detector = new_detector((1, 64, 16, 16), seed=1)
    # Surer than a new one is, of boxes that are nowhere the same.
    with torch.no_grad():
        detector.score.bias.fill_(2.0)
        detector.box.weight.normal_(std=0.3, generator=torch.Generator().manual_seed(0))
    save_detector(detector, tmp_path / "d.safetensors", model="tiny@0")
    settings.MODELS_DIR = tmp_path
    artifact = write_artifact(
        "tiny",
        tiny_folder / "weights.safetensors",
        tmp_path,
        timed_on=None,
        detector=tmp_path / "d.safetensors",
    )
    version, _ = model_version_register(manifest_path=artifact.folder / "manifest.json")
    assert project.model == version
    project.refresh_from_db()
    detector_of.cache_clear()
    image = make_image(project, seed=0, name="0.png", width=96, height=72)
    run = begin(source=source)
    assert run.model_version.manifest["detector"]
    run_next()
    job = Job.objects.get()
    assert (job.state, job.error_message) == ("succeeded", "")
    predictor = SamPredictor(load_artifact(artifact.folder))
    pixels = np.asarray(PIL.Image.open(files / image.display_key).convert("RGB"))
    (encoded,) = predictor.encode([pixels])
    wanted = GeneratorSettings(**SETTINGS)
    boxed = masks_in(predictor, encoded, detect(load_detector(tmp_path / "d.safetensors"), encoded), wanted)
    assert boxed.count > 3
    expected = {record["segmentation"]["counts"] for record in records_of(boxed, (72, 96), wanted)}
    if source == "both":
        expected |= expected_counts(predictor, pixels)
    assert counts_of(run, image) == expected
