"""The job as a worker does it: vectors of masks from stored embeddings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.annotations.models import Mask
from backend.annotations.services import mask_create
from backend.images.models import Image
from backend.jobs.claims import job_claim, job_pulse, job_release
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.jobs.services import job_enqueue
from backend.likeness.models import MASK_VECTORS, MaskVector
from backend.likeness.selectors import similar_find
from backend.projects.models import Project
from backend.users.models import User
from models.sam.artifact import load_artifact
from models.sam.mask_embedding import embedding_under_mask
from models.sam.predictor import SamPredictor
from tests.builders import encode_mask, make_image, make_mask_body
from workers.likeness import vectors_make
from workers.main import app  # registers how the job is done
from workers.runtime import runtime

SIZE = (48, 64)


@pytest.fixture(autouse=True)
def fresh_runtime() -> None:
    assert "jobs.run_default" in app.tasks
    runtime.cache_clear()


def paint(project: Project, files: Path) -> Image:
    """An image whose embedding is painted: 0 in the left half, 1 in the right, another channel each."""
    image: Image = make_image(project, name="painted.png", width=SIZE[1], height=SIZE[0])
    shape = project.model.manifest["embedding_shape"]
    cells = np.zeros(shape, "<f2")
    cells[:, 0, :, : shape[3] // 2] = 1
    cells[:, 1, :, shape[3] // 2 :] = 1
    embedding: Any = image.embedding
    path = files / "painted.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cells.tobytes())
    type(embedding).objects.filter(pk=embedding.pk).update(state="ready", file_key="painted.bin")
    return image


@pytest.fixture
def draw(owner: User) -> Callable[..., Mask]:
    """draw(image, left, right): a mask of these columns."""

    def make(image: Image, left: int, right: int) -> Mask:
        shape = np.zeros((image.height, image.width), bool)
        shape[8:16, left:right] = True
        body = make_mask_body(image, 0, segmentation=encode_mask(shape))
        del body["label"]
        mask_id = body.pop("id")
        return mask_create(image=image, author=owner, mask_id=mask_id, label_id=None, **body)[0]

    return make


def run_next() -> Job:
    claim, job = job_claim(queue="default", worker="w", lease_seconds=60)
    assert job is not None
    context = JobContext(job, claim)
    note_end = job_run(context)
    job_pulse(context, lease_seconds=None)
    note_end()
    job.refresh_from_db()
    return job


def start(project: Project, owner: User, **params: Any) -> None:
    job_enqueue(kind=MASK_VECTORS, params=params, project=project, creator=owner)


def test_two_like_masks_are_near_and_an_unlike_one_is_not(
    project: Project, owner: User, files: Path, draw: Callable[..., Mask]
) -> None:
    image = paint(project, files)
    asked, unlike, like = draw(image, 2, 20), draw(image, 40, 60), draw(image, 10, 30)
    start(project, owner)
    job = run_next()
    assert (job.state, job.error_message, job.done, job.total) == ("succeeded", "", 3, 3)
    assert job.result == {"masks": 3, "unreadable": 0}
    similar = similar_find(mask=asked, user=owner, limit=5)
    assert [one.mask.pk for one in similar.results] == [like.pk, unlike.pk]
    assert [one.similarity for one in similar.results] == pytest.approx([1, 0], abs=1e-3)


def test_vectors_are_what_the_model_library_makes_of_the_stored_embedding(
    project: Project, owner: User, tiny_folder: Path, draw: Callable[..., Mask]
) -> None:
    from workers.tasks.embeddings import embed_queued

    image = make_image(project, name="a.png", width=SIZE[1], height=SIZE[0])
    assert embed_queued() == 1
    mask = draw(image, 5, 33)
    start(project, owner)
    run_next()
    row = MaskVector.objects.get()
    found = np.frombuffer(bytes(row.vector), "<f2").astype(np.float32)
    predictor = SamPredictor(load_artifact(tiny_folder))
    stored = Image.objects.select_related("embedding").get(pk=image.pk)
    shape = np.zeros(SIZE, bool)
    shape[8:16, 5:33] = True
    content: Any = stored.embedding
    from backend.common.storage import file_read

    array = np.frombuffer(file_read(content.file_key), "<f2").astype(np.float32)
    encoded = predictor.encoded_as(array.reshape(project.model.manifest["embedding_shape"]), SIZE)
    np.testing.assert_allclose(found, embedding_under_mask(encoded, shape), atol=1e-3)
    assert (row.mask_id, row.revision, row.model_version_id) == (mask.pk, 1, project.model_id)


def test_a_run_that_ends_early_goes_on_and_begins_where_somebody_waits(
    project: Project, owner: User, files: Path, draw: Callable[..., Mask]
) -> None:
    first = paint(project, files)
    others = []
    for seed in (1, 2):
        image = make_image(project, seed=seed, name=f"{seed}.png", width=SIZE[1], height=SIZE[0])
        type(image.embedding).objects.filter(pk=image.embedding_id).update(
            state="ready", file_key="painted.bin"
        )
        others.append(image)
    for image in (first, *others):
        draw(image, 2, 20)
    start(project, owner, image=others[1].pk)

    class Ending(JobContext):
        def check(self) -> None:
            super().check()
            if MaskVector.objects.exists():
                raise JobInterrupted

    claim, job = job_claim(queue="default", worker="w", lease_seconds=60)
    assert job is not None
    context = Ending(job, claim)
    with pytest.raises(JobInterrupted):
        vectors_make(context)
    assert MaskVector.objects.get().image_id == others[1].pk
    job_release(context)
    assert run_next().result == {"masks": 2, "unreadable": 0}
    assert MaskVector.objects.count() == 3


def test_images_that_are_not_embedded_wait_and_lost_embeddings_are_told(
    project: Project, owner: User, files: Path, draw: Callable[..., Mask]
) -> None:
    image = paint(project, files)
    draw(image, 2, 20)
    draw(make_image(project, seed=5, name="queued.png", width=SIZE[1], height=SIZE[0]), 2, 20)
    (files / "painted.bin").write_bytes(b"cut off")
    start(project, owner)
    job = run_next()
    assert (job.state, job.result) == ("succeeded", {"masks": 0, "unreadable": 1})
    assert [line.text for line in job.lines.filter(level="warning")] == [
        "painted.png: its embedding cannot be read."
    ]
    assert not MaskVector.objects.exists()
