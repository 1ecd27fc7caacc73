"""Ranks of images that nobody has begun, by what the stored embeddings hold: no encoder runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np

from backend.common.errors import NotFound, Unavailable
from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.jobs.context import JobContext, Level
from backend.jobs.registry import handler_add
from backend.projects.models import Project
from backend.ranking.models import RANK_IMAGES, Order, ProjectOrder
from backend.ranking.selectors import images_free, images_rankable, order_of
from backend.ranking.services import Rank, parent_checked, ranks_store
from backend.work.models import WorkItem
from models.sam.errors import ModelError
from workers.pictures import encoded_image
from workers.proposing import PatientDecoder
from workers.runtime import runtime

T = TypeVar("T")

# Ranks are stored so many at a time; masks of so many images are in memory for a comparison of two models.
_TOGETHER: Final = 16
# A mask's larger side when it is only looked at: what counts are shares of its pixels.
_LOOK_SIDE: Final = 256
# So many are chosen one by one, each as unlike those before it as any; what is left follows by how unlike those it is.
MOST_PICKED: Final = 2_000
# Images that somebody has begun, or that have ranks, from which the first is to be unlike: the latest so many.
MOST_KNOWN: Final = 1_000


def portions(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items, so many at a time."""
    left = iter(items)
    while some := tuple(islice(left, size)):
        yield some


class _Replaced(Exception):
    """The project has another order by now."""


def rank(context: JobContext) -> dict[str, Any]:
    """The job. What an earlier attempt ranked stays."""
    project = context.job.project
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    row = order_of(project=project)
    if row.version != context.job.params["version"]:
        return {"ranked": 0, "left": 0}
    ranking = Ranking(context, project, row)
    try:
        ranking.run()
    except _Replaced:
        context.log("The project has another order by now, which is another job's.")
        return {"ranked": ranking.ranked, "left": 0}
    left = images_rankable(project=project, order=row.order).count()
    waiting = images_free(project=project).filter(rank__isnull=True).count() - left
    context.log(f"{ranking.ranked:,} images ranked; {left:,} cannot be, as their embeddings cannot be read.")
    if waiting:
        whose = (
            f"{project.model} and {project.model.parent}"
            if row.order == Order.DISAGREEMENT
            else project.model
        )
        context.log(f"{waiting:,} wait for their embeddings by {whose}.")
    return {"ranked": ranking.ranked, "left": left}


class Ranking:
    """One attempt."""

    def __init__(self, context: JobContext, project: Project, row: ProjectOrder) -> None:
        self.context, self.project, self.row = context, project, row
        keys = images_rankable(project=project, order=row.order).values_list("pk", flat=True)
        self.image_ids: list[int] = list(keys)
        self.done = self.ranked = 0
        context.progress(0, len(self.image_ids))

    def run(self) -> None:
        """Raises ApplicationError where the order cannot be had at all."""
        if self.row.order == Order.RANDOM:
            for some in portions(self.image_ids, 1000):
                self._store({pk: Rank(self._chance(pk)) for pk in some}, len(some))
        elif self.row.order == Order.DIVERSITY:
            self._by_diversity()
        elif self.row.order == Order.UNCERTAINTY:
            self._by_uncertainty()
        else:
            parent_checked(self.project)
            self._by_disagreement()

    def _chance(self, image_id: int) -> float:
        """In [0, 1), the same whenever it is asked for."""
        text = f"{self.project.pk} {self.row.version} {image_id}"
        digest = hashlib.sha256(text.encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def _by_uncertainty(self) -> None:
        from models.sam.data_engine.selection import uncertainty

        look = Look(self.project.model)
        for some in portions(self.image_ids, _TOGETHER):
            ranks = {}
            for image in self._images(some):
                self.context.check()
                picture = look.at(image)
                if picture is None:
                    self._unreadable(image)
                    continue
                score = uncertainty(look.decoder, picture)
                ranks[image.pk] = Rank(-score, score)
            self._store(ranks, len(some))

    def _by_disagreement(self) -> None:
        """Portion by portion, first with one model, then with the other: where only one has room they change twice."""
        from models.sam.data_engine.selection import clicked_masks, disagreement

        parent = self.project.model.parent
        assert parent is not None
        looks = [Look(self.project.model), Look(parent)]
        for some in portions(self.image_ids, _TOGETHER):
            images = list(self._images(some))
            answers: list[dict[int, np.ndarray]] = []
            for look in looks:
                found: dict[int, np.ndarray] = {}
                for image in images:
                    self.context.check()
                    picture = look.at(image)
                    if picture is not None:
                        found[image.pk] = clicked_masks(look.decoder, picture)
                answers.append(found)
            ranks = {}
            for image in images:
                if any(image.pk not in found for found in answers):
                    self._unreadable(image)
                    continue
                score = disagreement(answers[0][image.pk], answers[1][image.pk])
                ranks[image.pk] = Rank(-score, score)
            self._store(ranks, len(some))

    def _by_diversity(self) -> None:
        from models.sam.data_engine.selection import farthest_from

        last = WorkItem.objects.filter(project=self.project, rank__isnull=False).order_by("-rank").first()
        begin = 0.0 if last is None or last.rank is None else last.rank + 1
        features, readable = self._features(self.image_ids)
        if not readable:
            return
        known, _ = self._features(self._known(), counted=False)
        if not len(known):
            # Nobody has begun: first what is least like the rest.
            known = features.mean(axis=0, keepdims=True)
        ranks: dict[int, Rank] = {}
        for place, (index, distance) in enumerate(farthest_from(features, MOST_PICKED, known)):
            self.context.check()
            ranks[readable[index]] = Rank(begin + place, distance)
        for some in portions(ranks.items(), 1000):
            self._store(dict(some), 0)

    def _known(self) -> list[int]:
        """Images of the project that are begun, or ranked, the latest."""
        new = set(self.image_ids)
        rows = WorkItem.objects.filter(project=self.project, is_replica=False).exclude(
            rank__isnull=True, status__in=["new", "embedding", "ready"]
        )
        keys = rows.order_by("-pk").values_list("pk", flat=True)
        return [pk for pk in keys[:MOST_KNOWN] if pk not in new]

    def _features(self, image_ids: Sequence[int], *, counted: bool = True) -> tuple[np.ndarray, list[int]]:
        """(mean embeddings float64 [N, C], the images they are of)."""
        from models.sam.data_engine.selection import encoded_mean

        version = self.project.model
        side = version.manifest["image_size"]
        features, readable = [], []
        for some in portions(image_ids, 100):
            for image in self._images(some):
                encoded = encoded_image(image, encoder_id=version.encoder_id)
                self.done += counted
                self.context.progress(self.done)
                if encoded is None:
                    if counted:
                        self._unreadable(image)
                    continue
                features.append(encoded_mean(encoded, side))
                readable.append(image.pk)
        width = version.manifest["embedding_shape"][1]
        return np.array(features).reshape(-1, width), readable

    def _images(self, image_ids: Iterable[int]) -> Iterator[Image]:
        return iter(Image.objects.filter(pk__in=list(image_ids)).order_by("pk"))

    def _unreadable(self, image: Image) -> None:
        self.context.log(f"{image.file_name}: its embedding cannot be read.", Level.WARNING)

    def _store(self, ranks: dict[int, Rank], looked_at: int) -> None:
        with self.context.holding():
            if not ranks_store(project=self.project, version=self.row.version, ranks=ranks):
                raise _Replaced
        self.ranked += len(ranks)
        self.done += looked_at
        self.context.progress(self.done)


class Look:
    """A model that looks at images through their stored embeddings. Raises Unavailable `embedding.model_unavailable`."""

    def __init__(self, version: ModelVersion) -> None:
        try:
            runtime().prepare(version.name, version.version)
        except ModelError as error:
            raise Unavailable(f"{version}: {error.message}", "embedding.model_unavailable") from error
        self.decoder = PatientDecoder(runtime(), version)
        self._encoder_id = version.encoder_id

    def at(self, image: Image) -> np.ndarray | None:
        """Gives the decoder the image's embedding, for what it is asked next about the picture that is returned: one of
        the image's form without its pixels. None where the embedding cannot be read."""
        encoded = encoded_image(image, encoder_id=self._encoder_id)
        if encoded is None:
            return None
        self.decoder.embedding = encoded.embedding.numpy()
        scale = min(1.0, _LOOK_SIDE / max(image.height, image.width))
        height, width = (max(1, round(side * scale)) for side in (image.height, image.width))
        return np.zeros((height, width, 3), np.uint8)


def subscribe() -> None:
    """Called once, where jobs are done."""
    handler_add(RANK_IMAGES, rank)
