from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from backend.common.errors import Conflict, InvalidInput, NotFound
from backend.images.models import Image
from backend.images.visibility import images_listed
from backend.projects.audit import audit, fields_changed
from backend.projects.models import Project
from backend.projects.palette import PALETTE
from backend.projects.selectors import project_locked
from backend.tags.models import ImageTag, Tag
from backend.users.models import User

# Of one project: more are no words to sort by, and every page shows all of them.
MAX_TAGS: Final = 500
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Tagged:
    """How many images got a tag they had not, and how many lost one they had."""

    added: int
    removed: int


@transaction.atomic
def tag_create(*, project: Project, name: str, color: str = "", actor: User | None = None) -> Tag:
    """A new tag, in the next colour of the palette where none is named. Raises Conflict `tag.name_taken`,
    `tag.too_many`."""
    project_locked(project_id=project.pk)
    count = project.tags.count()
    if count >= MAX_TAGS:
        raise Conflict(f"A project has {MAX_TAGS} tags at most.", "tag.too_many", {"limit": MAX_TAGS})
    try:
        with transaction.atomic():
            tag = Tag.objects.create(
                project=project, name=name, color=color.lower() or PALETTE[count % len(PALETTE)]
            )
    except IntegrityError as error:
        raise _name_taken(name) from error
    audit(project=project, actor=actor, action="tag.created", subject=name)
    return tag


@transaction.atomic
def tag_update(*, tag: Tag, changes: dict[str, Any], actor: User | None = None) -> Tag:
    """Sets `name`, `color`. Raises Conflict `tag.name_taken`."""
    changed = fields_changed(tag, changes, changes)
    for field, value in changes.items():
        setattr(tag, field, value)
    try:
        with transaction.atomic():
            tag.save(update_fields=list(changes))
    except IntegrityError as error:
        raise _name_taken(tag.name) from error
    if changed:
        audit(project=tag.project, actor=actor, action="tag.changed", subject=tag.name, changed=changed)
    return tag


@transaction.atomic
def tag_delete(*, tag: Tag, actor: User | None = None) -> None:
    """Takes the tag from all images; nothing else of them changes."""
    images = ImageTag.objects.filter(tag=tag, image__original=None).count()
    audit(project=tag.project, actor=actor, action="tag.deleted", subject=tag.name, images=images)
    tag.delete()


@transaction.atomic
def images_tag(
    *, project: Project, actor: User, image_ids: Collection[int], add: Sequence[int], remove: Sequence[int]
) -> Tagged:
    """Gives the images the tags `add` and takes `remove` from them, or does nothing; what is in both is taken.

    Raises NotFound `image.not_found` where `actor` sees no such image in the project, InvalidInput `tag.unknown`.
    """
    originals = _originals(project, actor, image_ids)
    tags = {tag.pk: tag for tag in Tag.objects.filter(project=project, pk__in={*add, *remove})}
    unknown = sorted({*add, *remove} - set(tags))
    if unknown:
        raise InvalidInput("The project has no such tag.", "tag.unknown", {"tags": unknown})
    wanted = set(add) - set(remove)
    tagged = Tagged(_given(originals, wanted), _taken(originals, set(remove)))
    if tagged.added or tagged.removed:
        audit(
            project=project,
            actor=actor,
            action="images.tagged",
            subject=", ".join(tags[pk].name for pk in sorted(tags))[:200],
            images=len(originals),
            added=tagged.added,
            removed=tagged.removed,
        )
    return tagged


def tags_put(*, image: Image, names: Sequence[str], actor: User | None) -> list[str]:
    """Gives an image the tags of these names, the project's own whatever their case, else new ones; call it in a
    transaction. The names for which there is no room."""
    known = {tag.name.casefold(): tag.pk for tag in image.project.tags.order_by("-pk")}
    lost = []
    wanted = set()
    for name in dict.fromkeys(names):
        if name.casefold() not in known:
            try:
                known[name.casefold()] = tag_create(project=image.project, name=name, actor=actor).pk
            except Conflict:
                lost.append(name)
                continue
        wanted.add(known[name.casefold()])
    _given([image.original_id or image.pk], wanted)
    return lost


def _originals(project: Project, user: User, image_ids: Collection[int]) -> list[int]:
    """What is on a replica is on its original."""
    seen = images_listed(project=project, user=user)
    found: dict[int, int] = {}
    for ids in _batches(sorted(set(image_ids))):
        rows = seen.filter(pk__in=ids).values_list("pk", "original_id")
        found |= {pk: original or pk for pk, original in rows}
    missing = sorted(set(image_ids) - set(found))
    if missing:
        raise NotFound(
            "There is no such image in this project.", "image.not_found", {"image_ids": missing[:100]}
        )
    return sorted(set(found.values()))


def _given(originals: Sequence[int], tags: Collection[int]) -> int:
    """How many originals had not all of them."""
    changed = 0
    for ids in _batches(originals) if tags else ():
        family = Q(pk__in=ids) | Q(original__in=ids)
        original_of = {pk: original or pk for pk, original in _pairs(family)}
        present = ImageTag.objects.filter(tag__in=tags, image__in=list(original_of))
        there = set(present.values_list("image_id", "tag_id"))
        new = [(pk, tag) for pk in original_of for tag in sorted(tags) if (pk, tag) not in there]
        # Somebody else may give the same in this moment.
        ImageTag.objects.bulk_create(
            [ImageTag(image_id=pk, tag_id=tag) for pk, tag in new], ignore_conflicts=True, batch_size=_AT_ONCE
        )
        changed += len({original_of[pk] for pk, _ in new})
    return changed


def _taken(originals: Sequence[int], tags: Collection[int]) -> int:
    """How many originals had one of them."""
    changed = 0
    for ids in _batches(originals) if tags else ():
        family = Q(image__in=ids) | Q(image__original__in=ids)
        there = ImageTag.objects.filter(family, tag__in=tags)
        changed += there.filter(image__original=None).values("image").distinct().count()
        ImageTag.objects.filter(pk__in=list(there.values_list("pk", flat=True))).delete()
    return changed


def _pairs(family: Q) -> list[tuple[int, int | None]]:
    return list(Image.objects.filter(family).order_by("pk").values_list("pk", "original_id"))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _name_taken(name: str) -> Conflict:
    return Conflict(f"This project already has a tag named {name!r}.", "tag.name_taken")
