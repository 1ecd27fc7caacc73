"""Which masks have no vector yet, and which look like one."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet, Sum

from backend.annotations.models import Mask
from backend.embeddings.selectors import embeddings_by
from backend.images.models import Image
from backend.images.visibility import images_listed
from backend.likeness.models import MaskVector
from backend.projects.models import Project
from backend.users.models import User
from backend.work.models import WorkItem

# More are not compared in one request: the latest are, and the answer says so.
MOST_COMPARED: Final = 200_000
# Vectors in memory at once.
_BLOCK: Final = 5_000


@dataclass(frozen=True)
class Likeness:
    """A mask and the cosine between its vector and the one asked about, in [-1, 1]."""

    mask: Mask
    similarity: float


@dataclass(frozen=True)
class Similar:
    """The nearest masks, the most alike first.

    `is_ready`: whether the mask that was asked about has a vector, without which nothing is near. `vectors`: how many
    were compared. `is_cut`: there are more, and only the latest were. `missing`: masks that nobody has looked at yet.
    """

    is_ready: bool
    vectors: int
    is_cut: bool
    missing: int
    results: list[Likeness]


def masks_ready(*, project: Project, encoder_id: int) -> QuerySet[Mask]:
    """The project's masks without a vector by this encoder, on images whose embedding by it is there."""
    made = MaskVector.objects.filter(mask_id=OuterRef("pk"), model_version=encoder_id)
    embedded = embeddings_by(encoder_id=encoder_id).filter(image_sha256=OuterRef("image__sha256"))
    masks = Mask.objects.filter(image__project=project).order_by()
    return masks.filter(~Exists(made), Exists(embedded))


def similar_find(
    *, mask: Mask, user: User, limit: int, label_id: int | None = None, unlabelled: bool | None = None
) -> Similar:
    """The masks of the project that are most like this one, of those on images that `user` is shown as its.

    Every vector is compared, `MOST_COMPARED` at most, a block at a time.
    """
    project = mask.image.project
    images = images_listed(project=project, user=user).order_by()
    encoder_id = project.model.encoder_id
    vectors = MaskVector.objects.filter(
        project=project, model_version=encoder_id, image__in=images.values("pk")
    )
    # Sums that are kept: no mask is counted.
    total = WorkItem.objects.filter(pk__in=images.values("pk")).aggregate(n=Sum("mask_count"))["n"] or 0
    missing = max(0, total - vectors.count())
    asked = MaskVector.objects.filter(mask_id=mask.pk, model_version=encoder_id).first()
    if asked is None:
        return Similar(False, 0, False, missing, [])
    others = _labelled(vectors.exclude(pk=asked.pk), project, label_id, unlabelled)
    compared, is_cut, nearest = _nearest(others, np.frombuffer(bytes(asked.vector), "<f2"), limit)
    return Similar(True, compared, is_cut, missing, _with_masks(nearest))


def _labelled(
    vectors: QuerySet[MaskVector], project: Project, label_id: int | None, unlabelled: bool | None
) -> QuerySet[MaskVector]:
    masks = Mask.objects.filter(image__project=project).order_by()
    if label_id is not None:
        vectors = vectors.filter(mask_id__in=masks.filter(label=label_id).values("pk"))
    if unlabelled is not None:
        vectors = vectors.filter(mask_id__in=masks.filter(label__isnull=unlabelled).values("pk"))
    return vectors


def _nearest(
    vectors: QuerySet[MaskVector], asked: np.ndarray, limit: int
) -> tuple[int, bool, list[tuple[int, float]]]:
    """(how many were compared, whether there are more, (key, cosine) of the nearest, the nearest first)."""
    query = asked.astype(np.float32)
    compared, is_cut = 0, False
    keys, cosines = np.empty(0, np.int64), np.empty(0, np.float32)
    for block_keys, block in _blocks(vectors, len(query)):
        if compared + len(block_keys) > MOST_COMPARED:
            is_cut = True
            block_keys, block = (part[: MOST_COMPARED - compared] for part in (block_keys, block))
        compared += len(block_keys)
        keys = np.concatenate([keys, block_keys])
        cosines = np.concatenate([cosines, block @ query])
        best = np.argsort(-cosines, kind="stable")[:limit]
        keys, cosines = keys[best], cosines[best]
        if is_cut:
            break
    return compared, is_cut, list(zip(keys.tolist(), cosines.tolist(), strict=True))


def _blocks(vectors: QuerySet[MaskVector], width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(keys int64 [N], vectors float32 [N, width]), the latest first."""
    rows: Any = vectors.order_by("-pk").values_list("pk", "vector")[: MOST_COMPARED + 1]
    keys: list[int] = []
    parts: list[bytes] = []
    for key, vector in rows.iterator(chunk_size=_BLOCK):
        keys.append(key)
        parts.append(vector)
        if len(keys) == _BLOCK:
            yield np.array(keys), _floats(parts, width)
            keys, parts = [], []
    if keys:
        yield np.array(keys), _floats(parts, width)


def _floats(parts: list[bytes], width: int) -> np.ndarray:
    return np.frombuffer(b"".join(parts), "<f2").reshape(-1, width).astype(np.float32)


def _with_masks(nearest: list[tuple[int, float]]) -> list[Likeness]:
    """With their masks, but those that were deleted in this moment."""
    ids = dict(MaskVector.objects.filter(pk__in=[key for key, _ in nearest]).values_list("pk", "mask_id"))
    rows = Mask.objects.filter(pk__in=list(ids.values())).select_related("image")
    masks: dict[uuid.UUID, Mask] = {mask.pk: mask for mask in rows.defer("counts", "model_counts", "prompts")}
    found = [(masks.get(ids[key]), similarity) for key, similarity in nearest if key in ids]
    return [Likeness(mask, similarity) for mask, similarity in found if mask is not None]


def images_ready(*, project: Project, encoder_id: int, first: int | None = None) -> list[int]:
    """Keys of the images that have masks of `masks_ready`: `first` if it is one of them, then the oldest."""
    ready = masks_ready(project=project, encoder_id=encoder_id)
    images = Image.objects.filter(pk__in=ready.values("image")).order_by("pk")
    keys = list(images.values_list("pk", flat=True))
    return sorted(keys, key=lambda key: key != first)
