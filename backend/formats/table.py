"""A table of masks with where they come from, a row each, for spreadsheets and data frames."""

import csv
import io
import json
from typing import Any, Final

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture

COLUMNS: Final = (
    *(
        "id",
        "uuid",
        "image_id",
        "file_name",
        "split",
        "image_width",
        "image_height",
        "category_id",
        "category",
    ),
    *("x", "y", "width", "height", "area", "z", "stage", "model", "predicted_iou", "stability_score"),
    *("author", "seconds_spent", "revision", "prompts", "attributes", "size", "counts", "tags"),
)


class Table:
    name = "csv"
    title = "Table of masks (CSV)"
    holds = "A row a mask: sizes, places, who, when, how long. For spreadsheets and statistics."
    fields_without_a_place = ()
    has_tags = True

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        with archive.open("masks.csv") as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for picture, masks in dataset.items():
                # A picture without a mask has no row.
                losses.tags_lost += 0 if masks else len(picture.tags)
                for mask in masks:
                    losses.kept(mask)
                    writer.writerow(_guarded(mask_row(picture, mask, dataset)))
            text.flush()
            text.detach()


def mask_row(picture: Picture, mask: ObjectMask, dataset: Dataset) -> dict[str, Any]:
    """A value for each of `COLUMNS`; prompts and attributes as JSON, the size as [height, width]."""
    x, y, width, height = mask.bbox
    return {
        "id": mask.number,
        "uuid": mask.uuid,
        "image_id": picture.number,
        "file_name": picture.name,
        "split": picture.split,
        "image_width": picture.width,
        "image_height": picture.height,
        "category_id": mask.category_id,
        "category": dataset.category(mask.category_id).name,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "area": mask.area,
        "z": mask.z,
        "stage": mask.stage,
        "model": mask.model,
        "predicted_iou": mask.predicted_iou,
        "stability_score": mask.stability_score,
        "author": mask.author,
        "seconds_spent": mask.seconds_spent,
        "revision": mask.revision,
        "prompts": json.dumps(mask.prompts, ensure_ascii=False),
        "attributes": json.dumps(mask.attributes, ensure_ascii=False),
        "size": [mask.height, mask.width],
        "counts": mask.counts,
        "tags": list(picture.tags),
    }


def _guarded(row: dict[str, Any]) -> dict[str, Any]:
    """The row as a spreadsheet may open it."""
    return row | {
        "file_name": harmless(row["file_name"]),
        "category": harmless(row["category"]),
        "author": harmless(row["author"] or ""),
        "size": json.dumps(row["size"]),
        # In JSON's quotes: counts may begin with what a spreadsheet takes for a formula.
        "counts": json.dumps(row["counts"]),
        "tags": json.dumps(row["tags"], ensure_ascii=False),
    }


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
