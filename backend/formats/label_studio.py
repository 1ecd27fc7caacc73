"""Label Studio's JSON of tasks with brush labels, in its own run-length code of an RGBA picture."""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.reading import Reading, ReadObject, ReadPicture, pixels_region, polygons_region, sized
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rle import Region

# How many bits a run's length takes, less one, as the head of a code lists them; the longest is 2^16 values.
_SIZES: Final = (3, 4, 8, 16)
_LONGEST: Final = 1 << _SIZES[-1]
# Bits before the first run: how many values, the bits of one, the four sizes.
_HEAD: Final = 32 + 5 + 4 * 4
_UUID_LENGTH: Final = 36


class LabelStudio:
    name = "label_studio"
    title = "Label Studio (JSON, brush)"
    holds = "Brush masks as tasks that Label Studio imports."
    fields_without_a_place = ("attributes", "z", "stage", "seconds_spent", "prompts")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        with archive.open("tasks.json") as file:
            separator = b"["
            for picture, masks in dataset.items():
                for mask in masks:
                    losses.kept(mask)
                results = [_result(mask, dataset.category(mask.category_id).name) for mask in masks]
                task = {
                    "id": picture.number,
                    "data": {"image": self.picture_path(picture)},
                    "annotations": [{"result": results}],
                }
                file.write(separator + b"\n" + json.dumps(task, ensure_ascii=False, allow_nan=False).encode())
                separator = b","
            file.write(b"]\n" if separator == b"," else b"[]\n")

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every JSON list of tasks: brush, polygon and rectangle labels of the first annotation not cancelled."""
        for path in reading.paths():
            if not path.lower().endswith(".json"):
                continue
            with reading.row(path):
                tasks = json.loads(reading.text(path))
                for task in tasks:
                    with reading.row(path, f"task {task.get('id')}"):
                        picture = _picture(task, reading, path)
                        if picture:
                            yield picture


def _picture(task: dict[str, Any], reading: Reading, path: str) -> ReadPicture | None:
    """None for a task whose picture's size nobody knows, as nothing is on it."""
    address = next(value for value in task["data"].values() if isinstance(value, str))
    name = PurePosixPath(unquote(urlsplit(address).path)).name
    kept = [entry for entry in task.get("annotations", ()) if not entry.get("was_cancelled")]
    results = kept[0]["result"] if kept else []
    own = [result for result in results if "original_width" in result]
    size = (own[0]["original_width"], own[0]["original_height"]) if own else reading.size_of(name)
    if size is None:
        return None
    width, height = sized(*size)
    objects = []
    for place, result in enumerate(results, start=1):
        with reading.row(path, f"task {task.get('id')}, result {place}"):
            objects.append(_object(result, reading, height, width))
    return ReadPicture(name, width, height, objects)


def _object(result: dict[str, Any], reading: Reading, height: int, width: int) -> ReadObject:
    value, kind = result["value"], result["type"]
    if result.get("image_rotation"):
        raise InvalidInput("Labels on a turned picture are not read.", "import.shape_unknown")
    labels = value.get(kind) or value.get("labels") or []
    return ReadObject(
        label=reading.category(str(labels[0])) if labels else None,
        region=_region(value, kind, height, width),
        uuid=str(result["id"]) if len(str(result.get("id"))) == _UUID_LENGTH else None,
    )


def _region(value: dict[str, Any], kind: str, height: int, width: int) -> Region:
    """Corners are in hundredths of the picture's sides."""
    if value.get("format") == "rle":
        picture = brush_decode(value["rle"], pixels=height * width)
        return pixels_region(picture.reshape(height, width))
    if kind == "polygonlabels":
        corners = [side for x, y in value["points"] for side in (x * width / 100, y * height / 100)]
    elif kind == "rectanglelabels":
        x, y = value["x"] * width / 100, value["y"] * height / 100
        right, bottom = x + value["width"] * width / 100, y + value["height"] * height / 100
        corners = [x, y, right, y, right, bottom, x, bottom]
    else:
        raise InvalidInput(f"{kind} are no masks.", "import.shape_unknown")
    return polygons_region([corners], height=height, width=width)


def brush_decode(code: list[int], *, pixels: int) -> NDArray[np.bool_]:
    """The pixels [pixels] of a code: those whose alpha is not 0. Raises InvalidInput `mask.rle_invalid`."""
    bits = "".join(f"{byte:08b}" for byte in bytes(code))
    if len(bits) < _HEAD or int(bits[:32], 2) != pixels * 4:
        raise InvalidInput("The brush's code is of another size than the picture.", "mask.rle_invalid")
    word = int(bits[32:37], 2) + 1
    sizes = [int(bits[at : at + 4], 2) + 1 for at in range(37, _HEAD, 4)]
    values: list[int] = []
    lengths: list[int] = []
    at, done = _HEAD, 0
    while done < pixels * 4:
        size = sizes[int(bits[at + 1 : at + 3] or "x", 2)]
        count = int(bits[at + 3 : at + 3 + size] or "x", 2) + 1
        is_run, at = bits[at] == "1", at + 3 + size
        for _ in range(1 if is_run else count):
            values.append(int(bits[at : at + word] or "x", 2))
            lengths.append(count if is_run else 1)
            at += word
        done += count
    if done != pixels * 4:
        raise InvalidInput("The brush's code does not end with the picture.", "mask.rle_invalid")
    return np.repeat(np.array(values) > 0, lengths)[3::4]


def brush_encode(pixels: NDArray[np.bool_]) -> list[int]:
    """The code of pixels [h, w] as bytes: 255 in all four channels where the mask is, 0 elsewhere, row by row."""
    flat = pixels.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate(([0], changes))
    lengths = np.diff(np.concatenate((starts, [flat.size]))) * 4
    bits = [f"{flat.size * 4:032b}", f"{8 - 1:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        value = "11111111" if flat[start] else "00000000"
        while length:
            taken = min(length, _LONGEST)
            place = next(index for index, size in enumerate(_SIZES) if taken <= 1 << size)
            bits.append(f"1{place:02b}{taken - 1:0{_SIZES[place]}b}{value}")
            length -= taken
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]


def _result(mask: ObjectMask, label: str) -> dict[str, object]:
    return {
        "id": mask.uuid,
        "type": "brushlabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": mask.width,
        "original_height": mask.height,
        "image_rotation": 0,
        "value": {"format": "rle", "rle": brush_encode(mask.pixels()), "brushlabels": [label]},
    }
