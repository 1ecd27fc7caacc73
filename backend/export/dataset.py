"""A project, or a part of it, as the dataset that formats write."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from pathlib import PurePosixPath

from django.db.models import Count, QuerySet

from backend.export.numbering import numbers_give
from backend.export.rows import TRAIN, Rows
from backend.export.selection import Selection, SplitPlan
from backend.formats.records import UNLABELLED, Category, Dataset
from backend.formats.splits import splits_deal
from backend.images.models import Image
from backend.projects.models import Project
from backend.tags.models import ImageTag


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
    rows = Rows(
        project, selection, names, split_of, {category.category_id for category in categories}, has_pictures
    )
    return Dataset(
        name=project.name,
        description=project.description,
        licence_note=project.licence_note,
        picture_count=len(names),
        tag_count=ImageTag.objects.filter(image__in=selection.images(project).order_by()).count(),
        has_pictures=has_pictures,
        categories=categories,
        splits=tuple(split for split, share in plan.shares.items() if share) if plan else (TRAIN,),
        items=rows.items,
        pictures=rows.pictures,
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
