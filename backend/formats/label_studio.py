"""Label Studio's JSON of tasks with brush labels, in its own run-length code of an RGBA picture."""

import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture

# How many bits a run's length takes, less one, as the head of a code lists them; the longest is 2^16 values.
_SIZES: Final = (3, 4, 8, 16)
_LONGEST: Final = 1 << _SIZES[-1]


class LabelStudio:
    name = "label_studio"
    title = "Label Studio (JSON, brush)"
    fields_without_a_place = ("attributes", "z", "stage", "seconds_spent", "prompts")

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
