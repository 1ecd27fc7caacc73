"""Label maps as plain PNGs: each pixel the id of its category, and the number of its object on the image."""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.painting import object_map
from backend.formats.png import grey_png, values_read
from backend.formats.reading import Reading, ReadObject, ReadPicture, named, pixels_region
from backend.formats.records import Dataset, Picture

_HIGHEST: Final = 2**16 - 1


class LabelMaps:
    """16 bits a pixel, so that no project outgrows them; 0 is the background."""

    name = "png"
    title = "PNG label maps (semantic and instance, 16 bit)"
    holds = "A 16-bit picture of classes and one of objects for each photograph; overlaps are drawn over."
    fields_without_a_place = ("author", "stage", "seconds_spent", "prompts")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.split}/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        names = {category.category_id: category.name for category in dataset.categories}
        if max(names, default=0) > _HIGHEST:
            raise InvalidInput(
                f"Sixteen bits hold category ids to {_HIGHEST}, the project has {max(names)}.",
                "export.too_many_labels",
            )
        archive.write("categories.json", json.dumps(names, ensure_ascii=False, indent=1))
        for picture, masks in dataset.items():
            seen = object_map(masks, height=picture.height, width=picture.width)
            for place, mask in enumerate(masks, start=1):
                losses.compared(mask, seen == place)
            categories = np.array([0, *(mask.category_id for mask in masks)], np.uint16)
            path = f"{picture.split}/{picture.stem}"
            archive.write(f"semantic/{path}.png", grey_png(categories[seen]))
            archive.write(f"instances/{path}.png", grey_png(seen.astype(np.uint16)))
            objects = [
                {
                    "value": place,
                    "category_id": mask.category_id,
                    "uuid": mask.uuid,
                    "z": mask.z,
                    "attributes": mask.attributes,
                }
                for place, mask in enumerate(masks, start=1)
            ]
            archive.write(f"instances/{path}.json", json.dumps(objects, ensure_ascii=False, allow_nan=False))

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """The maps below `instances/` with their lists; below `semantic/` alone, a category's pixels are one object."""
        paths = reading.paths()
        known = set(paths)
        names: dict[int, str] = {}
        for path in paths:
            if PurePosixPath(path).name == "categories.json":
                with reading.row(path):
                    listed = json.loads(reading.text(path))
                    names = {int(value): reading.category(str(name)) for value, name in listed.items()}
        pictures = {
            PurePosixPath(p).stem: PurePosixPath(p).name for p in paths if "images" in PurePosixPath(p).parts
        }
        rooms = {part for path in paths for part in PurePosixPath(path).parts[:-1]}
        room = "instances" if "instances" in rooms else "semantic"
        for path in paths:
            parts = PurePosixPath(path).parts
            if room not in parts[:-1] or not path.lower().endswith(".png"):
                continue
            with reading.row(path):
                values = values_read(reading.text(path))
                listed = _list_of(reading, path, known)
                objects = []
                for value in np.unique(values[values > 0]).tolist():
                    with reading.row(path, f"value {value}"):
                        entry = listed.get(value, {} if room == "instances" else {"category_id": value})
                        label = entry.get("category_id")
                        objects.append(
                            ReadObject(
                                label=names.get(label, str(label)) if label is not None else None,
                                region=pixels_region(values == value),
                                z=entry.get("z"),
                                uuid=entry.get("uuid"),
                                attributes=named(entry.get("attributes")),
                            )
                        )
                stem, height, width = PurePosixPath(path).stem, *values.shape
                split = parts[parts.index(room) + 1] if parts[-2] != room else ""
                yield ReadPicture(pictures.get(stem, stem), width, height, objects, split)


def _list_of(reading: Reading, path: str, known: set[str]) -> dict[int, dict[str, Any]]:
    """What the file beside the map says of its values; nothing where there is none."""
    beside = str(PurePosixPath(path).with_suffix(".json"))
    if beside not in known:
        return {}
    return {int(entry["value"]): entry for entry in json.loads(reading.text(beside))}
