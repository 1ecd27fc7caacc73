"""The tasks as functions, with the real tiny model."""

import io
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from django.utils import timezone
from pytest_django import Settings

from backend.config.celery import app
from backend.embeddings.models import Embedding
from backend.embeddings.services import (
    State,
    crop_request,
    embedding_claim_batch,
    embedding_retry,
    embedding_store,
    embedding_sweep,
)
from backend.embeddings.windows import Window
from backend.images.models import Image
from backend.images.services import image_create
from backend.privacy.services import privacy_set
from backend.projects.models import Project
from backend.users.models import User
from models.sam.artifact import load_artifact
from models.sam.predictor import SamPredictor
from tests.backend.privacy.detectors import CORNER
from tests.builders import make_file, make_image, make_pixels, stored_files
from workers.encoding import batch_encode, claim_size
from workers.lease import LeaseKeeper
from workers.runtime import Runtime, runtime
from workers.tasks import embeddings
from workers.tasks.embeddings import embed_batch, embed_queued, sweep


@pytest.fixture(autouse=True)
def fresh_runtime(settings: Settings) -> None:
    """No model in memory, and batches of four."""
    settings.EMBEDDING_BATCH_SIZE = 4
    runtime.cache_clear()


def embedding_of(image: Image) -> Embedding:
    image.refresh_from_db()
    assert image.embedding is not None
    return image.embedding


def values_of(image: Image, files: Path) -> np.ndarray:
    return np.frombuffer((files / embedding_of(image).file_key).read_bytes(), "<f2")


def test_a_batch_is_computed_as_the_predictor_does_it(
    project: Project, files: Path, tiny_folder: Path
) -> None:
    """Pictures of different sizes in one batch against each alone in the reference order, float16 rounded."""
    images = [make_image(project, seed=seed, width=60 + 40 * seed, height=90) for seed in range(3)]
    assert embed_queued() == 3
    predictor = SamPredictor(load_artifact(tiny_folder))
    for seed, image in enumerate(images):
        row = embedding_of(image)
        assert (row.state, row.attempts) == (State.READY, 1)
        assert row.seconds is not None
        pixels = np.asarray(make_pixels(60 + 40 * seed, 90, seed))
        expected = predictor.encode([pixels])[0].embedding.half().numpy()
        assert row.byte_size == expected.nbytes
        # A batch sums in another order than a single picture: a few float16 steps at values near 1.
        assert np.abs(values_of(image, files) - expected.ravel()).max() < 5e-3


def test_a_window_is_encoded_from_its_own_pixels(project: Project, files: Path, tiny_folder: Path) -> None:
    image = make_image(project, width=120, height=90)
    row, _ = crop_request(image=image, window=Window(30, 20, 90, 80))
    assert embed_queued() == 2
    row.refresh_from_db()
    assert row.state == State.READY
    pixels = np.asarray(make_pixels(120, 90))[20:80, 30:90]
    expected = SamPredictor(load_artifact(tiny_folder)).encode([pixels])[0].embedding.half().numpy()
    stored = np.frombuffer((files / row.file_key).read_bytes(), "<f2")
    assert np.abs(stored - expected.ravel()).max() < 5e-3


def test_a_blurred_picture_is_encoded_blurred_also_where_another_project_shows_all_of_it(
    project: Project,
    owner: User,
    make_project: Callable[..., Project],
    files: Path,
    tiny_folder: Path,
    settings: Settings,
) -> None:
    settings.PRIVACY_DETECTOR = CORNER
    as_it_came = make_image(make_project(owner, "Open"), width=120, height=90)
    privacy_set(project=project, actor=None, changes={"faces": True})
    blurred = make_image(project, width=120, height=90)
    assert embed_queued() == 2
    predictor = SamPredictor(load_artifact(tiny_folder))
    for image in (as_it_came, blurred):
        pixels = np.asarray(PIL.Image.open(files / image.display_key))
        expected = predictor.encode([pixels])[0].embedding.half().numpy()
        assert np.abs(values_of(image, files) - expected.ravel()).max() < 5e-3
    assert np.abs(values_of(as_it_came, files) - values_of(blurred, files)).max() > 5e-2


def test_pictures_come_to_the_encoder_at_its_size_and_large_ones_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What memory holds does not depend on how large photographs are."""
    side = embedding_of(make_image(project, seed=9, width=300, height=200)).model_version.manifest[
        "image_size"
    ]
    for seed in range(2):
        make_image(project, seed=seed)
    monkeypatch.setattr("workers.encoding.MAX_PIXELS_ON_CPU", 2 * side * side)
    shapes: list[list[tuple[int, ...]]] = []
    embed = Runtime.embed

    def seen(self: Runtime, name: str, version: str, pictures: list[np.ndarray]) -> list[np.ndarray]:
        shapes.append([picture.shape for picture in pictures])
        return embed(self, name, version, pictures)

    monkeypatch.setattr(Runtime, "embed", seen)
    embed_queued()
    assert [len(batch) for batch in shapes] == [2, 1]
    assert {max(shape) for batch in shapes for shape in batch} == {side}
    assert not Embedding.objects.exclude(state=State.READY).exists()


@pytest.mark.parametrize(("device", "size"), [("cpu", 4), ("cuda:1", 8)])
def test_a_gpu_is_given_a_second_batch_to_read_meanwhile(settings: Settings, device: str, size: int) -> None:
    settings.DEVICE = device
    assert claim_size() == size


def test_bfloat16_embeds_nearly_the_same(project: Project, files: Path, settings: Settings) -> None:
    first, second = make_image(project, seed=1), make_image(project, seed=2)
    settings.EMBEDDING_BATCH_SIZE = 1
    embed_queued()
    exact = values_of(first, files).astype(float)
    Embedding.objects.filter(pk=embedding_of(first).pk).update(state=State.QUEUED)
    settings.ENCODER_PRECISION = "bfloat16"
    runtime.cache_clear()
    for _ in range(2):
        embed_queued()
    assert embedding_of(second).state == State.READY
    off = np.abs(values_of(first, files) - exact)
    assert 0 < off.max() < 0.1 * exact.std() + 0.1


def test_an_image_deleted_while_it_is_computed_leaves_no_file(project: Project, files: Path) -> None:
    image = make_image(project)
    claim, (row,) = embedding_claim_batch(limit=1, lease_seconds=60)
    image.delete()
    Embedding.objects.all().delete()
    batch_encode(claim=claim, embeddings=[row])
    assert embedding_store(embedding=row, claim=claim, content=b"late", seconds=1) is False
    assert not list((files / "embeddings").rglob("*.f16"))


def test_a_turned_photograph_has_the_embedding_of_the_upright_one(project: Project, files: Path) -> None:
    upright = make_pixels(64, 48)
    plain = make_image(project, width=64, height=48)
    turned = make_file(upright.transpose(PIL.Image.Transpose.ROTATE_90), "PNG", orientation=6)
    image, _ = image_create(project=project, user=None, file=io.BytesIO(turned), file_name="turned.png")
    embed_queued()
    assert (image.width, image.height) == (64, 48)
    assert np.abs(values_of(image, files) - values_of(plain, files)).max() < 5e-3


def test_a_bad_picture_fails_alone(project: Project, files: Path) -> None:
    good, damaged, missing = [make_image(project, seed=seed) for seed in range(3)]
    (files / damaged.display_key).write_bytes(b"not a picture any more")
    (files / missing.display_key).unlink()
    embed_batch()
    states = [embedding_of(image).state for image in (good, damaged, missing)]
    assert states == [State.READY, State.QUEUED, State.FAILED]
    assert embedding_of(missing).error_code == "embedding.image_missing"
    for _ in range(2):
        embed_batch()
    assert (embedding_of(damaged).state, embedding_of(damaged).attempts) == (State.FAILED, 3)
    assert embedding_of(damaged).error_code == "embedding.image_unreadable"
    (files / damaged.display_key).write_bytes(make_file(make_pixels(seed=1)))
    assert embedding_retry(image=damaged).state == State.QUEUED
    embed_batch()
    assert embedding_of(damaged).state == State.READY


def test_a_picture_the_encoder_cannot_take_does_not_spoil_the_batch(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that suffices for one picture at a time: the batch fails, its pictures do not."""
    images = [make_image(project, seed=seed) for seed in range(3)]
    encode = SamPredictor.encode
    sizes: list[int] = []

    def scarce(self: SamPredictor, pictures: list[np.ndarray]) -> object:
        sizes.append(len(pictures))
        if len(pictures) > 1:
            raise RuntimeError("out of memory")
        return encode(self, pictures)

    monkeypatch.setattr(SamPredictor, "encode", scarce)
    embed_queued()
    assert sizes == [3, 1, 1, 1]
    assert {embedding_of(image).state for image in images} == {State.READY}


def test_an_answer_float16_cannot_hold_fails_at_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_image(project)
    encode = SamPredictor.encode

    def loud(self: SamPredictor, pictures: list[np.ndarray]) -> object:
        return [replace(item, embedding=item.embedding * 1e9) for item in encode(self, pictures)]

    monkeypatch.setattr(SamPredictor, "encode", loud)
    embed_queued()
    row = embedding_of(image)
    assert (row.state, row.attempts, row.error_code) == (State.FAILED, 1, "embedding.not_finite")


def test_a_model_this_worker_does_not_have_is_said_in_the_row(
    project: Project, settings: Settings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    image = make_image(project)
    embed_batch()
    row = embedding_of(image)
    assert (row.state, row.attempts, row.error_code) == (State.QUEUED, 1, "embedding.model_unavailable")
    for _ in range(2):
        embed_batch()
    row = embedding_of(image)
    assert (row.state, row.attempts, row.error_code) == (State.FAILED, 3, "embedding.model_unavailable")
    assert str(row.model_version) in row.error_message


def test_damaged_weights_are_refused(
    project: Project, settings: Settings, tmp_path: Path, tiny_artifacts: Path
) -> None:
    settings.MODELS_DIR = tmp_path / "models"
    shutil.copytree(tiny_artifacts, settings.MODELS_DIR)
    weights = next(settings.MODELS_DIR.glob("*/*/weights.*"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    image = make_image(project)
    embed_queued()
    assert embedding_of(image).error_code == "embedding.model_unavailable"


def test_a_storage_that_cannot_be_written_is_tried_again(project: Project, files: Path) -> None:
    image = make_image(project)
    (files / "embeddings").write_text("a file where the folder should be")
    embed_batch()
    row = embedding_of(image)
    assert (row.state, row.error_code) == (State.QUEUED, "embedding.storage")
    (files / "embeddings").unlink()
    embed_batch()
    assert embedding_of(image).state == State.READY


def test_an_empty_table_is_no_work(project: Project, files: Path) -> None:
    before = stored_files(files)
    embed_queued()
    sweep()
    assert stored_files(files) == before


def messages() -> int:
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("gpu")
        count = 0
        while queue.qsize():
            queue.get().ack()
            count += 1
        return count


def test_who_is_at_work_goes_on_and_rings_for_others_while_rows_wait(
    project: Project, settings: Settings
) -> None:
    settings.EMBEDDING_BATCH_SIZE = 1
    images = [make_image(project, seed=seed) for seed in range(3)]
    messages()
    assert embed_queued() == 3
    assert {embedding_of(image).state for image in images} == {State.READY}
    assert messages() == 2, "one for each batch that left rows"


def test_a_message_is_answered_after_a_while_and_at_a_shutdown(
    project: Project, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDING_BATCH_SIZE = 1
    for seed in range(3):
        make_image(project, seed=seed)
    messages()
    monkeypatch.setattr(embeddings, "MESSAGE_SECONDS", 0.0)
    assert embed_queued() == 1
    assert messages() == 2, "one for others, one for who goes on"
    monkeypatch.setattr(embeddings, "MESSAGE_SECONDS", 60.0)
    monkeypatch.setattr(embeddings, "shutdown", ended := threading.Event())
    ended.set()
    assert embed_queued() == 1
    assert embedding_of(Image.objects.order_by("pk").last()).state == State.QUEUED  # type: ignore[arg-type]


def test_the_sweep_rings_for_rows_whose_message_was_lost(project: Project) -> None:
    make_image(project)
    messages()
    sweep()
    assert messages() == 1


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_block_runs_and_not_after(project: Project) -> None:
    image = make_image(project)
    claim, (row,) = embedding_claim_batch(limit=1, lease_seconds=0.3)
    first = row.lease_expires_at
    with LeaseKeeper(claim, 0.3, 60):
        threading.Event().wait(0.6)
        renewed = embedding_of(image).lease_expires_at
    assert first is not None
    assert renewed is not None
    assert renewed > first + timedelta(seconds=0.2)
    assert renewed > timezone.now() - timedelta(seconds=0.3)
    threading.Event().wait(0.3)
    assert embedding_of(image).lease_expires_at == renewed


@pytest.mark.django_db(transaction=True)
def test_a_computation_that_hangs_loses_its_lease(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    image = make_image(project)
    claim, _ = embedding_claim_batch(limit=1, lease_seconds=0.3)
    with LeaseKeeper(claim, 0.3, limit_seconds=0.5):
        threading.Event().wait(1.2)
        assert embedding_sweep()["requeued"] == 1
    assert embedding_of(image).state == State.QUEUED
    assert caplog.text.count("lease_given_up") == 1
