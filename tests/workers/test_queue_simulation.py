"""The simulation behind docs/scale.md does as the table and its worker do."""

from pathlib import Path

import pytest
from pytest_django import Settings

from backend.embeddings.models import Embedding
from backend.embeddings.services import crop_request
from backend.embeddings.windows import Window
from backend.projects.models import Project
from tests.bench.queueing.simulation import Arrival, Costs, many_waits, waits
from tests.builders import make_image
from workers.runtime import Runtime, runtime
from workers.tasks.embeddings import embed_queued

COSTS = Costs(one_seconds=1.0, full_seconds=2.5, batch=4)


def test_batches_are_made_and_ordered_as_the_worker_makes_them(
    project: Project, files: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDING_BATCH_SIZE = COSTS.batch
    runtime.cache_clear()
    images = [make_image(project, seed=seed) for seed in range(7)]
    crop_request(image=images[5], window=Window(0, 0, 20, 20))
    sizes: list[int] = []
    embed = Runtime.embed

    def counted(self: Runtime, name: str, version: str, pictures: list[object]) -> object:
        sizes.append(len(pictures))
        return embed(self, name, version, pictures)  # type: ignore[arg-type]

    monkeypatch.setattr(Runtime, "embed", counted)
    assert embed_queued() == 8
    asked = list(Embedding.objects.order_by("queued_at", "pk").values_list("pk", "priority"))
    took = waits([Arrival(0.0, priority) for _, priority in asked], COSTS, workers=1)
    ends = sorted(set(took))
    assert ends == pytest.approx([2.5, 5.0], abs=0.1)
    assert [took.count(end) for end in ends] == sizes == [4, 4]
    first = {pk for (pk, _), end in zip(asked, took, strict=True) if end == ends[0]}
    really = Embedding.objects.order_by("ready_at").values_list("pk", flat=True)[:4]
    assert first == set(really)
    assert asked[-1][0] in first, "the window somebody waits for"


def test_one_worker_takes_what_the_batches_take_and_more_share_them() -> None:
    arrivals = [Arrival(0.0)] * 40
    assert max(waits(arrivals, COSTS, workers=1)) == pytest.approx(25.0, abs=0.1)
    halves = [max(one) for one in many_waits(arrivals, COSTS, workers=2, runs=20)]
    # Nobody stands idle for longer than until the next batch rings.
    assert all(12.5 <= total <= 17.5 for total in halves)
    shared = Costs(1.0, 2.5, 4, slower=(1.0, 2.0))
    assert max(waits(arrivals, shared, workers=2)) == pytest.approx(25.0, rel=0.2)


def test_a_window_of_an_open_image_waits_for_a_batch_and_not_for_the_queue() -> None:
    arrivals = [*([Arrival(0.0)] * 400), Arrival(100.0, priority=10)]
    *images, window = waits(arrivals, COSTS, workers=1)
    assert window <= 2 * COSTS.full_seconds
    assert sorted(images)[-1] > 200
