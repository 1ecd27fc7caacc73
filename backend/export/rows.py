"""The rows of a project as the records that formats write."""

import uuid
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO, Final, cast

from backend.annotations.models import Mask
from backend.common.storage import file_open
from backend.embeddings.models import ModelVersion
from backend.export.numbering import mask_number
from backend.export.selection import Selection
from backend.formats.records import UNLABELLED, ObjectMask, Picture
from backend.images.models import Image
from backend.projects.models import LabelAttribute, Project
from backend.proposals.models import Proposal, ProposalState
from backend.users.models import User

# Images whose masks are in memory at one time, and those without.
_AT_ONCE: Final = 100
_PICTURES_AT_ONCE: Final = 2000
TRAIN: Final = "train"
Box = tuple[int, int, int, int]


class Rows:
    """The project's rows as records, pass by pass. What the rows name by key is looked up here: it is little, and a
    model instance of it per mask took most of an export's time."""

    def __init__(
        self,
        project: Project,
        selection: Selection,
        names: dict[int, str],
        split_of: dict[int, str],
        category_ids: set[int],
        has_pictures: bool,
    ) -> None:
        self._project, self._selection = project, selection
        self._names, self._split_of = names, split_of
        self._has_pictures = has_pictures
        self._categories = {
            pk: category_id
            for pk, category_id in project.labels.values_list("pk", "category_id")
            if category_id in category_ids
        }
        self._includes_unlabelled = UNLABELLED.category_id in category_ids
        self._definitions: dict[int, list[LabelAttribute]] = {}
        for attribute in LabelAttribute.objects.filter(label__project=project):
            self._definitions.setdefault(attribute.label_id, []).append(attribute)
        self._models: dict[int, str] = {}
        self._authors: dict[int, str] = {}

    def pictures(self, split: str | None = None) -> Iterator[Picture]:
        for chunk in self._chunks(split, _PICTURES_AT_ONCE):
            yield from chunk.values()

    def items(self, split: str | None = None) -> Iterator[tuple[Picture, list[ObjectMask]]]:
        for chunk in self._chunks(split, _AT_ONCE):
            masks = self._masks(chunk)
            for pk, picture in chunk.items():
                yield picture, masks.get(pk, [])

    def items_of(self, image_ids: Sequence[int]) -> Iterator[tuple[int, Picture, list[ObjectMask]]]:
        """These images alone, in this order, each with its key; those that are gone by now are left out."""
        for start in range(0, len(image_ids), _AT_ONCE):
            some = image_ids[start : start + _AT_ONCE]
            images = self._selection.images(self._project).filter(pk__in=some)
            found = {
                image.pk: self._picture(image)
                for image in images.select_related("export_number").prefetch_related("tags")
            }
            masks = self._masks(found)
            for pk in some:
                if pk in found:
                    yield pk, found[pk], masks.get(pk, [])

    def _chunks(self, split: str | None, at_once: int) -> Iterator[dict[int, Picture]]:
        """By image."""
        last = 0
        while True:
            images = self._selection.images(self._project).filter(pk__gt=last)
            found = list(images.select_related("export_number").prefetch_related("tags")[:at_once])
            if not found:
                return
            last = found[-1].pk
            pictures = {image.pk: self._picture(image) for image in found if image.pk in self._names}
            yield {pk: picture for pk, picture in pictures.items() if split in (None, picture.split)}

    def _picture(self, image: Image) -> Picture:
        tagged: Any = image
        return Picture(
            number=image.export_number.number,
            name=self._names[image.pk],
            file_name=image.file_name,
            width=image.width,
            height=image.height,
            sha256=image.sha256,
            licence_note=image.licence_note,
            split=self._split_of.get(image.pk, TRAIN),
            tags=tuple(tag.name for tag in tagged.tags.all()),
            open=partial(_opened, image.display_key) if self._has_pictures else None,
        )

    def _masks(self, pictures: dict[int, Picture]) -> dict[int, list[ObjectMask]]:
        """By image, in the order they were made; those that came later and have no number are left out."""
        rows = self._selection.masks(self._project).filter(image__in=list(pictures))
        rows = rows.annotate(number=mask_number()).defer("model_counts")
        found = list(rows.order_by("created_at", "pk"))
        self._models_learn({mask.model_version_id for mask in found if mask.model_version_id})
        self._authors_learn({mask.author_id for mask in found if mask.author_id})
        crops = self._crops(list(pictures))
        masks: dict[int, list[ObjectMask]] = {}
        for mask in found:
            category_id = self._category_id(mask.label_id)
            if mask.number is not None and category_id is not None:
                picture = pictures[mask.image_id]
                record = self._record(mask, mask.number, category_id, picture, crops.get(mask.pk))
                masks.setdefault(mask.image_id, []).append(record)
        return masks

    def _models_learn(self, keys: set[int]) -> None:
        """Those that no mask before named."""
        if unknown := keys - self._models.keys():
            self._models |= {row.pk: str(row) for row in ModelVersion.objects.filter(pk__in=unknown)}

    def _authors_learn(self, keys: set[int]) -> None:
        if unknown := keys - self._authors.keys():
            self._authors |= User.objects.filter(pk__in=unknown).values_list("pk", "username")

    def _category_id(self, label_id: int | None) -> int | None:
        if label_id is not None:
            return self._categories.get(label_id)
        return UNLABELLED.category_id if self._includes_unlabelled else None

    def _crops(self, image_ids: list[int]) -> dict[uuid.UUID, Box]:
        """By mask: the crop in which the generator found it, of those that it found."""
        rows = Proposal.objects.filter(image__in=image_ids, state=ProposalState.ACCEPTED).order_by()
        columns = rows.values_list("pk", "crop_x", "crop_y", "crop_width", "crop_height")
        return {pk: (x, y, width, height) for pk, x, y, width, height in columns}

    def _record(
        self, mask: Mask, number: int, category_id: int, picture: Picture, crop_box: Box | None
    ) -> ObjectMask:
        return ObjectMask(
            number=number,
            category_id=category_id,
            z=mask.z,
            height=picture.height,
            width=picture.width,
            counts=mask.counts,
            bbox=(mask.bbox_x, mask.bbox_y, mask.bbox_width, mask.bbox_height),
            area=mask.area,
            uuid=str(mask.pk),
            stage=mask.stage,
            model=self._models[mask.model_version_id] if mask.model_version_id else None,
            predicted_iou=mask.predicted_iou,
            stability_score=mask.stability_score,
            prompts=mask.prompts,
            attributes={
                definition.name: mask.attributes.get(str(definition.pk), definition.default)
                for definition in self._definitions.get(mask.label_id or 0, [])
            },
            author=self._authors[mask.author_id] if mask.author_id else None,
            seconds_spent=mask.seconds_spent,
            revision=mask.revision,
            crop_box=crop_box,
        )


def _opened(key: str) -> BinaryIO:
    # A file of Django's, which reads and closes as any other.
    return cast("BinaryIO", file_open(key))
