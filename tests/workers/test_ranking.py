"""Ranks as a worker computes them, with the real tiny model and its stored embeddings."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backend.images.models import Image
from backend.jobs.claims import job_claim, job_pulse, job_release
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.projects.models import Project
from backend.ranking.services import order_set
from backend.users.models import User
from backend.work.models import WorkItem
from tests.builders import make_image
from workers import ranking
from workers.main import app  # registers how the job is done
from workers.runtime import runtime
from workers.tasks.embeddings import embed_queued


@pytest.fixture(autouse=True)
def fresh_runtime() -> None:
    assert "jobs.run_gpu" in app.tasks
    runtime.cache_clear()


@pytest.fixture
def images(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[Image]:
    """Three embedded images, and one that waits for its embedding."""
    made = [make_image(project, seed=seed, name=f"{seed}.png", width=64, height=48) for seed in range(3)]
    assert embed_queued() == 3
    return [*made, make_image(project, seed=9, name="9.png", width=64, height=48)]


def run_next(context_type: Callable[..., JobContext] = JobContext) -> Job:
    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = context_type(job, claim)
    note_end = job_run(context)
    job_pulse(context, lease_seconds=None)
    note_end()
    job.refresh_from_db()
    return job


def ranks() -> list[float | None]:
    return list(WorkItem.objects.order_by("pk").values_list("rank", flat=True))


def choose(project: Project, owner: User, order: str) -> None:
    order_set(project=Project.objects.get(pk=project.pk), actor=owner, order=order)


def test_uncertainty_is_what_the_model_library_says_of_the_stored_embedding(
    project: Project, owner: User, images: list[Image]
) -> None:
    from models.sam.data_engine.selection import uncertainty

    choose(project, owner, "uncertainty")
    job = run_next()
    assert (job.state, job.error_message, job.result) == ("succeeded", "", {"ranked": 3, "left": 0})
    assert (job.done, job.total) == (3, 3)
    items = list(WorkItem.objects.order_by("pk"))
    assert items[3].rank is None
    assert f"1 wait for their embeddings by {project.model}." in job.lines.values_list("text", flat=True)
    look = ranking.Look(project.model)
    for image, item in zip(images[:3], items[:3], strict=True):
        picture = look.at(image)
        assert picture is not None
        assert item.score == pytest.approx(uncertainty(look.decoder, picture))
        assert item.rank == -item.score


def test_chance_ranks_all_and_the_same_whenever_it_is_asked(
    project: Project, owner: User, images: list[Image]
) -> None:
    choose(project, owner, "random")
    run_next()
    first = ranks()
    assert all(rank is not None and 0 <= rank < 1 for rank in first)
    assert len(set(first)) == 4
    WorkItem.objects.update(rank=None)
    choose(project, owner, "random")
    run_next()
    assert ranks() == first


def test_diversity_takes_the_farthest_first_and_later_images_follow(
    project: Project, owner: User, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {images[0].pk: [1.0, 0.0], images[1].pk: [0.0, 1.0], images[2].pk: [0.9, 0.1]}

    def features(self: Any, image_ids: list[int], *, counted: bool = True) -> Any:
        keys = [pk for pk in image_ids if pk in points]
        return np.array([points[pk] for pk in keys]).reshape(-1, 2), keys

    monkeypatch.setattr(ranking.Ranking, "_features", features)
    choose(project, owner, "diversity")
    run_next()
    # From the mean, (0.63, 0.37), the second is farthest; then the first, farther from that than the third.
    assert ranks() == [1, 0, 2, None]
    points[images[3].pk] = [0.5, 0.5]
    embed_queued()
    choose(project, owner, "diversity")
    run_next()
    assert ranks() == [1, 0, 2, 3]
    monkeypatch.setattr(ranking, "MOST_PICKED", 1)
    WorkItem.objects.update(rank=None)
    choose(project, owner, "diversity")
    run_next()
    assert sorted(rank for rank in ranks() if rank is not None) == [0, 1, 2, 3]


def test_diversity_reads_the_stored_embeddings(project: Project, owner: User, images: list[Image]) -> None:
    choose(project, owner, "diversity")
    assert run_next().result == {"ranked": 3, "left": 0}
    assert sorted(rank for rank in ranks() if rank is not None) == [0, 1, 2]


def test_a_model_with_its_parents_weights_agrees_with_it(
    project: Project, owner: User, images: list[Image], tiny_artifacts: Any, other_model: Any
) -> None:
    type(other_model).objects.filter(pk=project.model_id).update(parent=other_model)
    # The same model under another name, whose artifact is not here.
    choose(project, owner, "disagreement")
    assert run_next().error_code == "embedding.model_unavailable"
    type(other_model).objects.filter(pk=other_model.pk).update(
        encoder_of=project.model, name=project.model.name, version="copy"
    )
    source = next(tiny_artifacts.glob("tiny/*/manifest.json")).parent
    copy = source.parent / "copy"
    copy.symlink_to(source)
    try:
        Job.objects.all().delete()
        choose(project, owner, "disagreement")
        job = run_next()
    finally:
        copy.unlink()
    assert (job.state, job.error_message) == ("succeeded", "")
    assert ranks() == [0, 0, 0, None]


def test_what_ends_early_goes_on_with_what_is_left(
    project: Project, owner: User, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "_TOGETHER", 1)
    choose(project, owner, "uncertainty")

    class Ending(JobContext):
        def check(self) -> None:
            super().check()
            if WorkItem.objects.filter(rank__isnull=False).exists():
                raise JobInterrupted

    claim, job = job_claim(queue="gpu", worker="w", lease_seconds=60)
    assert job is not None
    context = Ending(job, claim)
    with pytest.raises(JobInterrupted):
        ranking.rank(context)
    first = ranks()
    assert sum(rank is not None for rank in first) == 1
    job_release(context)
    assert run_next().result == {"ranked": 2, "left": 0}
    assert ranks()[0] == first[0]


def test_a_lost_embedding_keeps_no_other_image_from_its_rank(
    project: Project, owner: User, images: list[Image], files: Any
) -> None:
    lost: Any = Image.objects.select_related("embedding").get(pk=images[1].pk)
    (files / lost.embedding.file_key).unlink()
    choose(project, owner, "uncertainty")
    job = run_next()
    assert job.result == {"ranked": 2, "left": 1}
    assert [rank is None for rank in ranks()] == [False, True, False, True]
