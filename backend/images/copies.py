"""Smaller files of photographs, made again where they were lost."""

import logging

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from backend.common.storage import file_open, file_write
from backend.images.figures import storage_figures
from backend.images.models import Image
from backend.images.pixels import picture_copies, picture_upright
from backend.tallies.families import STORAGE
from backend.tallies.services import changes_note

logger = logging.getLogger("anymask.images")


def copies_remake(*, keys: set[str]) -> list[str]:
    """Makes the thumbnails and previews with these keys again, of the photograph that is stored or of what is shown of
    it: where faces are blurred, they are so in both. The keys of those that could be made. Raises StorageFull."""
    wanted = Q(thumbnail_key__in=keys) | Q(preview_key__in=keys)
    images = Image.objects.filter(wanted, original=None).order_by("pk")
    return [key for image in images.iterator() for key in _remake(image, keys)]


def _remake(image: Image, keys: set[str]) -> list[str]:
    there = [key for key in (image.original_key, image.display_key) if default_storage.exists(key)]
    if not there:
        return []
    with file_open(there[0]) as file:
        upright, _, _ = picture_upright(file)
    made: dict[str, bytes] = dict(
        zip([image.thumbnail_key, image.preview_key], picture_copies(upright), strict=False)
    )
    lost = [key for key in made if key in keys]
    for key in lost:
        file_write(key, made[key])
    fields = {image.thumbnail_key: "thumbnail_bytes", image.preview_key: "preview_bytes"}
    _sizes_note(image, {fields[key]: len(made[key]) for key in lost})
    logger.info("copies_remade image=%s files=%s", image.pk, len(lost))
    return lost


@transaction.atomic
def _sizes_note(image: Image, sizes: dict[str, int]) -> None:
    """Another version of the encoder may make a file of another size. Replicas have the same files."""
    before = storage_figures(image)
    Image.objects.filter(Q(pk=image.pk) | Q(original=image.pk)).update(**sizes)
    for name, size in sizes.items():
        setattr(image, name, size)
    changes_note(STORAGE, gone=[before], come=[storage_figures(image)])
