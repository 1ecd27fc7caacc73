"""A project, or a part of it, as the records that formats write."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final, Literal, cast

from django.db.models import Count, Q, QuerySet, prefetch_related_objects

from backend.annotations.models import Mask
from backend.common.storage import file_open
from backend.export.numbering import mask_numbers, numbers_give
from backend.formats.records import Category, Dataset, ObjectMask, Picture
from backend.formats.splits import splits_deal
from backend.images.models import Image
from backend.images.visibility import images_listed
from backend.projects.models import LabelAttribute, Project
from backend.tags.models import ImageTag
from backend.users.models import User

# Images whose masks are in memory at one time.
_AT_ONCE: Final = 100
TRAIN: Final = "train"
# Labels count from 1, so no label ever takes it.
UNLABELLED: Final = Category(category_id=0, name="unlabelled", supercategory="", color="#808080")


@dataclass(frozen=True)
class Selection:
    """Which images, and which of their masks; what is empty asks for nothing."""

    statuses: tuple[str, ...] = ()
    # Images with any of them.
    tag_ids: tuple[int, ...] = ()
    label_ids: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    author_ids: tuple[int, ...] = ()
    # Of the masks' making, both days included, in UTC.
    since: date | None = None
    until: date | None = None
    # Masks that are to be labelled later: in a category of their own, or left out.
    includes_unlabelled: bool = False
    # Who is shown it: what is hidden from them is none of it. Nobody for the server itself, which sees all.
    viewer: User | None = None

    def images(self, project: Project) -> QuerySet[Image]:
        """Originals only: what is on replicas is no work of the project."""
        images = (
            images_listed(project=project, user=self.viewer)
            if self.viewer
            else Image.objects.filter(project=project)
        )
        images = images.filter(original=None).order_by("pk")
        if self.statuses:
            images = images.filter(work__status__in=self.statuses)
        if self.tag_ids:
            images = images.filter(pk__in=ImageTag.objects.filter(tag__in=self.tag_ids).values("image"))
        return images

    def masks(self, project: Project) -> QuerySet[Mask]:
        wanted = Q(image__in=self.images(project).order_by())
        if self.label_ids:
            labelled = Q(label__in=self.label_ids)
            wanted &= labelled | Q(label=None) if self.includes_unlabelled else labelled
        elif not self.includes_unlabelled:
            wanted &= Q(label__isnull=False)
        if self.stages:
            wanted &= Q(stage__in=self.stages)
        if self.author_ids:
            wanted &= Q(author__in=self.author_ids)
        if self.since:
            wanted &= Q(created_at__date__gte=self.since)
        if self.until:
            wanted &= Q(created_at__date__lte=self.until)
        return Mask.objects.filter(wanted)


@dataclass(frozen=True)
class SplitPlan:
    """How pictures are dealt to splits: parts by split, and what must not be torn apart."""

    shares: Mapping[str, int]
    seed: int = 0
    # Nothing, the folder a picture came in, or who uploaded it.
    group: Literal["none", "folder", "uploader"] = "none"


def project_dataset(
    *, project: Project, selection: Selection, has_pictures: bool, plan: SplitPlan | None = None
) -> Dataset:
    """Without a plan all pictures are to train with. Memory does not grow with the masks, but for a name per image.

    What an export is made of is decided here: images and masks that come later have no number yet, and while a slow
    client downloads, those that are deleted are left out of what follows.
    """
    numbers_give(project=project)
    labels = project.labels.order_by("category_id")
    if selection.label_ids:
        labels = labels.filter(pk__in=selection.label_ids)
    categories = [
        Category(label.category_id, label.name, label.supercategory, label.color) for label in labels
    ]
    if selection.includes_unlabelled:
        categories.insert(0, UNLABELLED)
    names = export_names(selection.images(project), has_pictures)
    split_of = _splits(project, selection, plan) if plan else {}
    return Dataset(
        name=project.name,
        description=project.description,
        licence_note=project.licence_note,
        picture_count=len(names),
        tag_count=ImageTag.objects.filter(image__in=selection.images(project).order_by()).count(),
        has_pictures=has_pictures,
        categories=categories,
        splits=tuple(split for split, share in plan.shares.items() if share) if plan else (TRAIN,),
        items=lambda: _items(
            project,
            selection,
            names,
            split_of,
            {category.category_id for category in categories},
            has_pictures,
        ),
    )


def export_names(images: QuerySet[Image], has_pictures: bool) -> dict[int, str]:
    """By image, each once whatever folder it came from and however it is capitalised; the later one gets a number.

    Where pictures go along the ending is that of the file that goes along.
    """
    taken: Counter[str] = Counter()
    names = {}
    columns = images.values_list("pk", "file_name", "original_key", "display_key")
    for pk, file_name, original_key, display_key in columns.iterator(2000):
        path = PurePosixPath(PurePosixPath(file_name).name or "image")
        is_converted = has_pictures and display_key != original_key
        suffix = PurePosixPath(display_key).suffix if is_converted else path.suffix
        stem = path.stem
        while taken[stem.casefold()]:
            taken[path.stem.casefold()] += 1
            stem = f"{path.stem}-{taken[path.stem.casefold()]}"
        taken[stem.casefold()] += 1
        names[pk] = stem + suffix
    return names


def _splits(project: Project, selection: Selection, plan: SplitPlan) -> dict[int, str]:
    """By image; each split gets its share of every label's masks."""
    labels: dict[int, Counter[int]] = {}
    masks = selection.masks(project).exclude(label=None).order_by()
    for pk, label, count in masks.values_list("image", "label").annotate(count=Count("pk")).iterator(2000):
        labels.setdefault(pk, Counter())[label] = count
    columns = selection.images(project).values_list("pk", "file_name", "uploaded_by")
    rows: Iterator[tuple[int, Hashable, Mapping[int, int]]] = (
        (pk, _group(plan, name, uploader), labels.get(pk, {}))
        for pk, name, uploader in columns.iterator(2000)
    )
    return splits_deal(rows, plan.shares, seed=plan.seed)


def _group(plan: SplitPlan, file_name: str, uploader: int | None) -> Hashable:
    match plan.group:
        case "folder":
            return str(PurePosixPath(file_name).parent)
        case "uploader":
            return uploader
        case "none":
            return None


def _items(
    project: Project,
    selection: Selection,
    names: dict[int, str],
    split_of: dict[int, str],
    category_ids: set[int],
    has_pictures: bool,
) -> Iterator[tuple[Picture, list[ObjectMask]]]:
    definitions: dict[int, list[LabelAttribute]] = {}
    for attribute in LabelAttribute.objects.filter(label__project=project):
        definitions.setdefault(attribute.label_id, []).append(attribute)
    last = 0
    while True:
        chunk = list(selection.images(project).filter(pk__gt=last).select_related("export_number")[:_AT_ONCE])
        prefetch_related_objects(chunk, "tags")
        if not chunk:
            return
        last = chunk[-1].pk
        masks: dict[int, list[ObjectMask]] = {}
        rows = selection.masks(project).filter(image__in=chunk)
        rows = rows.select_related("image", "label", "model_version", "author").order_by("created_at", "pk")
        found = list(rows)
        numbers = mask_numbers(mask_ids=[mask.pk for mask in found])
        for mask in found:
            category_id = mask.label.category_id if mask.label else UNLABELLED.category_id
            if mask.pk in numbers and category_id in category_ids:
                record = _record(mask, numbers[mask.pk], category_id, definitions)
                masks.setdefault(mask.image_id, []).append(record)
        for image in chunk:
            if image.pk in names:
                split = split_of.get(image.pk, TRAIN)
                yield _picture(image, names[image.pk], split, has_pictures), masks.get(image.pk, [])


def _picture(image: Image, name: str, split: str, has_pictures: bool) -> Picture:
    tags: Any = image
    return Picture(
        number=image.export_number.number,
        name=name,
        file_name=image.file_name,
        width=image.width,
        height=image.height,
        sha256=image.sha256,
        licence_note=image.licence_note,
        split=split,
        tags=tuple(tag.name for tag in tags.tags.all()),
        open=partial(_opened, image.display_key) if has_pictures else None,
    )


def _opened(key: str) -> BinaryIO:
    # A file of Django's, which reads and closes as any other.
    return cast("BinaryIO", file_open(key))


def _record(
    mask: Mask, number: int, category_id: int, definitions: dict[int, list[LabelAttribute]]
) -> ObjectMask:
    return ObjectMask(
        number=number,
        category_id=category_id,
        z=mask.z,
        height=mask.image.height,
        width=mask.image.width,
        counts=mask.counts,
        bbox=(mask.bbox_x, mask.bbox_y, mask.bbox_width, mask.bbox_height),
        area=mask.area,
        uuid=str(mask.pk),
        stage=mask.stage,
        model=str(mask.model_version) if mask.model_version else None,
        predicted_iou=mask.predicted_iou,
        stability_score=mask.stability_score,
        prompts=mask.prompts,
        attributes={
            definition.name: mask.attributes.get(str(definition.pk), definition.default)
            for definition in definitions.get(mask.label_id or 0, [])
        },
        author=mask.author.username if mask.author else None,
        seconds_spent=mask.seconds_spent,
        revision=mask.revision,
    )


def unlabelled_mask_count(*, project: Project, selection: Selection) -> int:
    """How many masks it asks for that are to be labelled later."""
    return replace(selection, includes_unlabelled=True).masks(project).filter(label=None).count()
