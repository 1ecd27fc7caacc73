"""The masks of one picture of a data set put on an image of the project, in one transaction."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from backend.annotations.bulk import MaskDraft, masks_create
from backend.annotations.models import Mask, MaskTombstone
from backend.annotations.services import mask_delete, mask_update
from backend.formats.reading import Reading, ReadObject, ReadPicture
from backend.images.models import Image
from backend.imports.drafts import Labels, attributes_of, fields_of
from backend.projects.models import Label
from backend.users.models import User
from backend.work.statuses import work_locked

_AT_ONCE: Final = 500


class Policy(StrEnum):
    """What becomes of images that have masks already."""

    # They stay as they are.
    SKIP = "skip"
    # The data set's masks are theirs from now on; those of before are deleted, and can be brought back.
    REPLACE = "replace"
    # The data set's masks come on top, but for those they have already.
    ADD = "add"


@dataclass
class Put:
    """What was done on one image."""

    created: int = 0
    replaced: int = 0
    deleted: int = 0
    skipped: int = 0
    # The file's numbers of the new masks.
    numbers: dict[uuid.UUID, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "created": self.created,
            "replaced": self.replaced,
            "deleted": self.deleted,
            "skipped": self.skipped,
        }


@dataclass(frozen=True)
class _Wanted:
    read: ReadObject
    id: uuid.UUID
    label: Label | None
    # The mask that it is already, here or on another image of the project.
    stored: Mask | None


def uuid_of(text: object) -> uuid.UUID | None:
    """The uuid a file says, if it is one."""
    try:
        return uuid.UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def masks_put(
    *,
    image: Image,
    author: User,
    picture: ReadPicture,
    name: Callable[[int], uuid.UUID],
    labels: Labels,
    policy: Policy,
    reading: Reading,
) -> Put:
    """Call it in a transaction. `name` gives the uuid of the mask at a place, for those without one of their own.

    Raises what `work_locked`, `image_hold` and `Labels.get` raise.
    """
    kept = [
        (place, read)
        for place, read in enumerate(picture.objects)
        if read.label is None or not labels.is_skipped(read.label)
    ]
    put = Put(skipped=len(picture.objects) - len(kept))
    if not kept:
        return put
    # Held only: an image that stays as it is, is not begun.
    held = work_locked(image_id=image.pk)
    if held.mask_count and policy == Policy.SKIP:
        put.skipped = len(picture.objects)
        return put
    wanted = _wanted(image, kept, name, labels, reading)
    put.skipped += len(kept) - len(wanted)
    drafts = []
    for item in wanted:
        if item.stored is None:
            drafts.append(_draft(item, picture, reading))
            if item.read.number is not None:
                put.numbers[item.id] = item.read.number
        elif policy == Policy.REPLACE and item.stored.image_id == image.pk:
            is_changed = _replace(item, item.stored, author, picture, reading)
            put.replaced += is_changed
            put.skipped += not is_changed
        else:
            put.skipped += 1
    if policy == Policy.REPLACE:
        ids = {item.id for item in wanted}
        for mask in Mask.objects.filter(image=image).select_related("image"):
            if mask.pk not in ids:
                mask_delete(mask=mask, editor=author, revision=mask.revision)
                put.deleted += 1
    masks_create(image=image, author=author, drafts=drafts)
    put.created = len(drafts)
    return put


def _wanted(
    image: Image,
    kept: list[tuple[int, ReadObject]],
    name: Callable[[int], uuid.UUID],
    labels: Labels,
    reading: Reading,
) -> list[_Wanted]:
    """Each with its id: its own where that is free or the very mask's, else one by its place."""
    own = [uuid_of(read.uuid) for _, read in kept]
    ids = [mask_id for mask_id in own if mask_id] + [name(place) for place, _ in kept]
    stored = {mask.pk: mask for batch in _batches(ids) for mask in _stored(batch)}
    deleted = {
        pk
        for batch in _batches(ids)
        for pk in MaskTombstone.objects.filter(pk__in=batch).values_list("pk", flat=True)
    }
    given: set[uuid.UUID] = set()
    wanted = []
    for (place, read), mask_id in zip(kept, own, strict=True):
        mask = stored.get(mask_id) if mask_id else None
        is_elsewhere = mask is not None and mask.image.project_id != image.project_id
        if mask_id is None or is_elsewhere or mask_id in deleted or mask_id in given:
            mask_id = name(place)
            mask = stored.get(mask_id)
            if mask_id in deleted:
                # An earlier attempt saved it, and somebody deleted it since.
                continue
        given.add(mask_id)
        label = None if read.label is None else labels.get(reading, read.label)
        wanted.append(_Wanted(read, mask_id, label, mask))
    return wanted


def _stored(ids: list[uuid.UUID]) -> Iterator[Mask]:
    return Mask.objects.filter(pk__in=ids).select_related("image").iterator()


def _batches(ids: list[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _attributes(item: _Wanted, picture: ReadPicture, reading: Reading) -> dict[str, Any]:
    values, lost = attributes_of(item.label, item.read)
    if lost:
        named = ", ".join(sorted(lost)[:10])
        reading.problem(
            picture.file_name,
            str(item.id),
            "import.attributes_lost",
            f"The label has no such attribute, or it cannot have such a value: {named}.",
        )
    return values


def _draft(item: _Wanted, picture: ReadPicture, reading: Reading) -> MaskDraft:
    return MaskDraft(
        id=item.id,
        region=item.read.region,
        label=item.label,
        attributes=_attributes(item, picture, reading),
        tool=Mask.Tool.IMPORT,
        **fields_of(item.read),
    )


def _replace(item: _Wanted, mask: Mask, author: User, picture: ReadPicture, reading: Reading) -> bool:
    """Makes the mask what the file says it is; whether it was something else."""
    fields = fields_of(item.read)
    if item.read.prompts is None:
        # The format has no place for them: those there are stay.
        fields.pop("prompts")
    if item.read.stage is None:
        fields.pop("stage")
    if item.read.z is None:
        fields.pop("z")
    for name in ("predicted_iou", "stability_score"):
        if fields[name] is None:
            fields.pop(name)
    attributes = _attributes(item, picture, reading) if item.read.attributes else mask.attributes
    label_id = item.label.pk if item.label else None
    is_same = (
        (mask.counts, mask.label_id) == (item.read.region.counts, label_id)
        and mask.attributes == attributes
        and all(getattr(mask, name) == value for name, value in fields.items())
    )
    if is_same:
        return False
    mask_update(
        mask=mask,
        editor=author,
        revision=mask.revision,
        changes={
            **fields,
            "label_id": label_id,
            "attributes": attributes if label_id is not None else {},
            "segmentation": {
                "size": [mask.image.height, mask.image.width],
                "counts": item.read.region.counts,
            },
            "tool": Mask.Tool.IMPORT,
        },
    )
    return True
