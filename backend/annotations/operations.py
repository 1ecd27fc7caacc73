"""Masks of many images of a project created, changed and deleted by one call: each by the rules of the single ones."""

import logging
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.db import IntegrityError, transaction

from backend.annotations.judging import Named, changes_judged, mask_drafted
from backend.annotations.models import Mask, MaskTombstone
from backend.annotations.selectors import masks_current, tombstones_current
from backend.annotations.services import StaleRevision
from backend.annotations.writing import Writing
from backend.common.errors import ApplicationError, Conflict, InvalidInput, NotFound
from backend.images.models import Image
from backend.images.visibility import images_visible
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.gate import image_hold, standing_check
from backend.work.statuses import standing_of

logger = logging.getLogger("anymask.annotations")

MAX_OPERATIONS: Final = 1000


class Kind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Operation:
    """One of a call. `image_id` is a new mask's, `revision` that of the mask that is changed or deleted, or at which a
    deleted one was that comes back; `fields` as `mask_create` and `mask_update` take them."""

    kind: Kind
    mask_id: uuid.UUID
    image_id: int | None = None
    revision: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of an operation: the status and the mask that the single endpoint would answer with, or the error."""

    status: int
    mask: Mask | None = None
    error: ApplicationError | None = None


class BulkRefused(Conflict):
    """A call that was to be done as a whole, of which something was refused: nothing was changed."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self.outcomes = outcomes
        refused = [outcome for outcome in outcomes if outcome.error]
        super().__init__(
            f"{len(refused)} of {len(outcomes)} operations were refused, so none was done.",
            "mask.bulk_refused",
        )
        # What can never be accepted weighs more than what the present state stands against.
        self.status = 400 if any(outcome.status == 400 for outcome in refused) else 409


def masks_apply(
    *, project: Project, user: User, operations: Sequence[Operation | ApplicationError], is_atomic: bool
) -> list[Outcome]:
    """Does what was asked, in order; an outcome for each operation. What could not even be read comes as its error.

    Each for itself, an image's in one transaction; or, where `is_atomic`, all in one or none: raises BulkRefused.
    Images are held in the order of their keys. Queries are made for each image and each batch of rows, not for each mask.
    """
    batch = _Batch(project, user, operations)
    if not is_atomic:
        for image, places in batch.by_image():
            batch.image_apply(image, places)
    else:
        with transaction.atomic():
            for image, places in batch.by_image():
                batch.image_apply(image, places)
            if any(outcome.error for outcome in batch.outcomes()):
                transaction.set_rollback(True)
        if any(outcome.error for outcome in batch.outcomes()):
            raise BulkRefused(batch.outcomes())
    logger.info(
        "masks_applied project=%s operations=%s created=%s changed=%s deleted=%s",
        project.pk,
        len(operations),
        batch.counts["created"],
        batch.counts["changed"],
        batch.counts["deleted"],
    )
    return batch.outcomes()


class _Batch:
    def __init__(
        self, project: Project, user: User, operations: Sequence[Operation | ApplicationError]
    ) -> None:
        self._user = user
        self._operations: dict[int, Operation] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._count = len(operations)
        self._named = Named(project.pk)
        self.counts: Counter[str] = Counter()
        seen: set[uuid.UUID] = set()
        for place, operation in enumerate(operations):
            if isinstance(operation, ApplicationError):
                self._refuse(place, operation)
            elif operation.mask_id in seen:
                self._refuse(place, InvalidInput("A call names each mask once.", "mask.named_twice"))
            else:
                seen.add(operation.mask_id)
                self._operations[place] = operation
        self._look_up(project)

    def _look_up(self, project: Project) -> None:
        """Masks, tombstones, images and labels that the operations name, as far as the person may see them."""
        ids = [operation.mask_id for operation in self._operations.values()]
        self._masks: dict[uuid.UUID, Mask | None] = dict(masks_current(mask_ids=ids))
        self._tombstones: dict[uuid.UUID, MaskTombstone | None] = dict(tombstones_current(mask_ids=ids))
        places = {place: self._image_id(one) for place, one in self._operations.items()}
        visible = images_visible(user=self._user).filter(
            project=project, pk__in={image_id for image_id in places.values() if image_id is not None}
        )
        images = {image.pk: image for image in visible.select_related("project", "work")}
        self._places: dict[int, list[int]] = {pk: [] for pk in sorted(images)}
        self._images: Mapping[int, Image] = images
        for place, image_id in places.items():
            if image_id in images:
                self._places[image_id].append(place)
            elif self._operations[place].kind == Kind.CREATE:
                self._refuse(
                    place,
                    NotFound(
                        "There is no such image in this project, or it is not shown to you.",
                        "image.not_found",
                    ),
                )
            else:
                self._refuse(place, NotFound("There is no such mask in this project.", "mask.not_found"))
        self._role = Membership.Role(Membership.objects.get(project=project, user=self._user).role)
        wanted = [one.fields.get("label_id") for one in self._operations.values()]
        stored = [mask.label_id for mask in self._masks.values() if mask]
        self._named.labels_look_up({pk for pk in (*wanted, *stored) if pk is not None})

    def _image_id(self, operation: Operation) -> int | None:
        if operation.kind == Kind.CREATE:
            return operation.image_id
        found = self._masks.get(operation.mask_id) or self._tombstones.get(operation.mask_id)
        return found.image_id if found else None

    def by_image(self) -> list[tuple[Image, list[int]]]:
        """The images in the order of their keys, each with the places of its operations."""
        return [(self._images[pk], places) for pk, places in self._places.items()]

    def outcomes(self) -> list[Outcome]:
        return [self._outcomes[place] for place in range(self._count)]

    def _refuse(self, place: int, error: ApplicationError) -> None:
        self._outcomes[place] = Outcome(error.status, None, error)

    def image_apply(self, image: Image, places: list[int]) -> None:
        """Does the operations on one image, in one transaction; each has an outcome then."""
        work = image.work
        try:
            standing_check(
                self._role, standing_of(assignee_id=work.assignee_id, status=work.status, user=self._user)
            )
            places = [place for place in places if not self._is_done(place, image)]
            if not places:
                return
            try:
                self._hold_and_write(image, places)
            except IntegrityError:
                # An id became another image's mask in this very moment: seen by the second look.
                self._hold_and_write(image, places)
        except ApplicationError as error:
            for place in places:
                self._refuse(place, error)

    def _is_done(self, place: int, image: Image) -> bool:
        """Whether the operation was done before; its outcome is told then, and nobody begins to work by it."""
        operation = self._operations[place]
        mask = self._masks.get(operation.mask_id)
        if operation.kind == Kind.CREATE and mask is not None and mask.image_id == image.pk:
            self._outcomes[place] = Outcome(200, mask)
            return True
        if operation.kind == Kind.DELETE and mask is None:
            self._outcomes[place] = Outcome(204)
            return True
        return False

    def _hold_and_write(self, image: Image, places: list[int]) -> None:
        with transaction.atomic():
            writing = Writing(image, self._user, image_hold(image=image, user=self._user))
            # As they are now that nobody else changes them.
            ids = [self._operations[place].mask_id for place in places]
            self._masks |= dict.fromkeys(ids)
            self._masks |= masks_current(mask_ids=ids)
            self._tombstones |= dict.fromkeys(ids)
            self._tombstones |= tombstones_current(mask_ids=ids)
            for place in places:
                try:
                    if not self._is_done(place, image):
                        self._outcomes[place] = self._planned(self._operations[place], image, writing)
                except ApplicationError as error:
                    self._refuse(place, error)
            if any(writing.counts.values()):
                writing.save()
            else:
                # Whoever changes nothing has not begun to work on the image.
                transaction.set_rollback(True)
        self.counts.update(writing.counts)

    def _planned(self, operation: Operation, image: Image, writing: Writing) -> Outcome:
        """Raises what the services of single masks raise."""
        mask = self._masks.get(operation.mask_id)
        tombstone = self._tombstones.get(operation.mask_id)
        if operation.kind == Kind.CREATE:
            if mask is not None or (tombstone is not None and tombstone.image_id != image.pk):
                raise Conflict("This id belongs to another mask.", "mask.id_taken")
            drafted = mask_drafted(
                image=image,
                author=self._user,
                named=self._named,
                mask_id=operation.mask_id,
                **operation.fields,
            )
            if tombstone is not None and tombstone.revision != operation.revision:
                raise StaleRevision(None, tombstone)
            return Outcome(201, writing.create(drafted, tombstone))
        if mask is None or mask.revision != operation.revision:
            raise StaleRevision(mask, None if mask else tombstone)
        if operation.kind == Kind.DELETE:
            writing.delete(mask)
            return Outcome(204)
        values = changes_judged(mask, named=self._named, changes=operation.fields)
        return Outcome(200, writing.update(mask, values))
