from collections.abc import Iterator

from django.db.models import QuerySet

from backend.annotations.models import Mask
from backend.export.records import CategoryRecord, ImageRecord, MaskRecord, ProjectRecords
from backend.images.models import Image
from backend.images.visibility import images_listed
from backend.projects.models import LabelAttribute, Project
from backend.users.models import User

_CHUNK = 500

# Labels count from 1, so no label ever takes it.
UNLABELLED = CategoryRecord(category_id=0, name="unlabelled", supercategory="")


def project_records(*, project: Project, user: User, includes_unlabelled: bool = False) -> ProjectRecords:
    """The project's rows as records, of the images that `user` sees; what is on replicas is none of it. Memory does not
    grow with their number, but for a number per image.

    Masks that are to be labelled later are left out, or get a category of their own. Images and categories are numbered
    here, once: while a slow client downloads, people delete and add some, and a mask must keep the image it was drawn on.
    What comes later is left to the next export.
    """
    image_ids = _originals(project, user).order_by("pk").values_list("pk", flat=True)
    number_of = {pk: number for number, pk in enumerate(image_ids.iterator(_CHUNK), start=1)}
    categories = [
        CategoryRecord(label.category_id, label.name, label.supercategory)
        for label in project.labels.order_by("category_id")
    ]
    if includes_unlabelled:
        categories.insert(0, UNLABELLED)
    return ProjectRecords(
        name=project.name,
        description=project.description,
        licence_note=project.licence_note,
        categories=categories,
        images=lambda: _images(project, number_of),
        masks=lambda: _masks(project, number_of, {category.category_id for category in categories}),
    )


def unlabelled_mask_count(*, project: Project, user: User) -> int:
    masks = Mask.objects.filter(image__project=project, label=None)
    return masks.filter(image__in=_originals(project, user)).count()


def _originals(project: Project, user: User) -> QuerySet[Image]:
    return images_listed(project=project, user=user).filter(original=None)


def _attributes(project: Project) -> dict[int, list[LabelAttribute]]:
    """The attributes by label id, in their order."""
    found: dict[int, list[LabelAttribute]] = {}
    for attribute in LabelAttribute.objects.filter(label__project=project):
        found.setdefault(attribute.label_id, []).append(attribute)
    return found


def _images(project: Project, number_of: dict[int, int]) -> Iterator[ImageRecord]:
    images = Image.objects.filter(project=project, original=None).order_by("pk")
    for image in images.iterator(_CHUNK):
        number = number_of.get(image.pk)
        if number is None:
            continue
        yield ImageRecord(
            number=number,
            file_name=image.file_name,
            width=image.width,
            height=image.height,
            sha256=image.sha256,
            licence_note=image.licence_note,
            created_at=image.created_at,
        )


def _masks(project: Project, number_of: dict[int, int], category_ids: set[int]) -> Iterator[MaskRecord]:
    masks = Mask.objects.filter(image__project=project, image__original=None).order_by("created_at", "pk")
    if UNLABELLED.category_id not in category_ids:
        masks = masks.exclude(label=None)
    joined = masks.select_related("image", "label", "model_version", "author")
    definitions = _attributes(project)
    number = 0
    for mask in joined.iterator(_CHUNK):
        image_number = number_of.get(mask.image_id)
        category_id = mask.label.category_id if mask.label else UNLABELLED.category_id
        if image_number is None or category_id not in category_ids:
            continue
        number += 1
        yield MaskRecord(
            number=number,
            image_number=image_number,
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
