"""A release's zip, written picture by picture: what is kept of one is a line of checksum and some sums."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import IO, Any, Final

from django.conf import settings
from django.db.models import Count

from backend.formats.archive import Archive
from backend.formats.records import ObjectMask, Picture
from backend.formats.sa1b import UNKNOWN, sa1b_json
from backend.images.models import BlurredRegion, Image
from backend.release.card import card_files
from backend.release.counting import Counting
from backend.release.pictures import mask_released, picture_released, size_released
from backend.release.selecting import Released

SUMS: Final = "SHA256SUMS"
_AT_ONCE: Final = 100


class ReleaseWriting:
    """One release. `on_picture` is called before each picture with the number of those that are written."""

    def __init__(self, released: Released, short_side: int | None, on_picture: Callable[[int], None]) -> None:
        self._released, self._short_side, self._on_picture = released, short_side, on_picture
        self.counting = Counting()

    def write(self, stream: IO[bytes], card_of: Callable[[Counting], dict[str, Any]]) -> None:
        """Pictures with their masks, then the card that `card_of` makes of what was counted, last the checksums."""
        with (
            closing(Archive(stream)) as archive,
            tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as sums,
        ):
            for path, content in self._files(card_of):
                archive.write(path, content)
                sums.write(f"{hashlib.sha256(content).hexdigest()}  {path}\n".encode())
            sums.seek(0)
            with archive.open(SUMS) as file:
                shutil.copyfileobj(sums, file)

    def _files(self, card_of: Callable[[Counting], dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
        for image, picture, masks in self._pictures():
            self._on_picture(self.counting.images)
            size = size_released(picture.width, picture.height, self._short_side)
            scaled = [one for mask in masks if (one := mask_released(mask, size)) is not None]
            shown = replace(picture, width=size[0], height=size[1])
            assert picture.open is not None
            with picture.open() as file:
                yield f"images/{picture.name}", picture_released(file, size)
            # Numbered here, where it is known which are left.
            numbered = self._numbered(scaled)
            yield f"annotations/{picture.stem}.json", sa1b_json(shown, numbered, unknown=UNKNOWN).encode()
            self.counting.picture_add(image, shown, numbered, emptied=len(masks) - len(scaled))
        for path, text in card_files(card_of(self.counting)).items():
            yield path, text.encode()

    def _pictures(self) -> Iterator[tuple[Image, Picture, list[ObjectMask]]]:
        ids = self._released.ids
        keys = list(ids)
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            images = Image.objects.in_bulk(some)
            self._regions_count(some)
            for pk, picture, masks in self._released.rows.items_of(some):
                if pk in images:
                    yield images[pk], replace(picture, number=ids[pk]), masks

    def _regions_count(self, image_ids: Sequence[int]) -> None:
        regions = BlurredRegion.objects.filter(image__in=image_ids).order_by()
        for kind, count in regions.values_list("kind").annotate(count=Count("pk")):
            self.counting.regions_add(kind, count)

    def _numbered(self, masks: list[ObjectMask]) -> list[ObjectMask]:
        if not self._released.has_seed:
            return masks
        first = self.counting.masks + 1
        return [replace(mask, number=number) for number, mask in enumerate(masks, start=first)]
