from collections.abc import Iterator

from backend.annotations.models import Mask
from backend.export.records import CategoryRecord, ImageRecord, MaskRecord, ProjectRecords
from backend.images.models import Image
from backend.projects.models import LabelAttribute, Project

_CHUNK = 500

# Labels count from 1, so no label ever takes it.
UNLABELLED = CategoryRecord(category_id=0, name="unlabelled", supercategory="")


def project_records(*, project: Project, includes_unlabelled: bool = False) -> ProjectRecords:
    """The project's rows as records. Memory does not grow with their number, but for eight bytes or so per image.

    Masks that are to be labelled later are left out, or get a category of their own.
    """
    categories = [
        CategoryRecord(label.category_id, label.name, label.supercategory)
        for label in project.labels.order_by("category_id")
    ]
    return ProjectRecords(
        name=project.name,
        description=project.description,
        licence_note=project.licence_note,
        categories=[UNLABELLED, *categories] if includes_unlabelled else categories,
        images=lambda: _images(project),
        masks=lambda: _masks(project, includes_unlabelled),
    )


def unlabelled_mask_count(*, project: Project) -> int:
    return Mask.objects.filter(image__project=project, label=None).count()


def _attributes(project: Project) -> dict[int, list[LabelAttribute]]:
    """The attributes by label id, in their order."""
    found: dict[int, list[LabelAttribute]] = {}
    for attribute in LabelAttribute.objects.filter(label__project=project):
        found.setdefault(attribute.label_id, []).append(attribute)
    return found


def _images(project: Project) -> Iterator[ImageRecord]:
    images = Image.objects.filter(project=project).order_by("pk")
    for number, image in enumerate(images.iterator(_CHUNK), start=1):
        yield ImageRecord(
            number=number,
            file_name=image.file_name,
            width=image.width,
            height=image.height,
            sha256=image.sha256,
            licence_note=image.licence_note,
            created_at=image.created_at,
        )


def _masks(project: Project, includes_unlabelled: bool) -> Iterator[MaskRecord]:
    image_ids = Image.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)
    number_of = {pk: number for number, pk in enumerate(image_ids.iterator(_CHUNK), start=1)}
    masks = Mask.objects.filter(image__project=project).order_by("created_at", "pk")
    if not includes_unlabelled:
        masks = masks.exclude(label=None)
    joined = masks.select_related("image", "label", "model_version", "author")
    definitions = _attributes(project)
    number = 0
    for mask in joined.iterator(_CHUNK):
        image_number = number_of.get(mask.image_id)
        if image_number is None:
            # Its image came after the list of images was written; the next export has both.
            continue
        number += 1
        yield MaskRecord(
            number=number,
            image_number=image_number,
            category_id=mask.label.category_id if mask.label else UNLABELLED.category_id,
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
