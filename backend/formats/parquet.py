"""The table of masks for data frames: Parquet, a row a mask, in row groups, so that memory does not grow with the masks.

The columns are those of the CSV with types of their own. `COLUMN_TYPES` says what each is, and so does the file itself,
in the metadata of its fields. `size` and `counts` together are COCO's RLE as pycocotools takes it; counts are text, as in
every file of COCO's: to Parquet the same bytes as binary. Names are as they are, as no spreadsheet opens the file.
"""

from collections.abc import Iterator
from typing import Any, Final

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, Picture
from backend.formats.table import mask_row

# Rows in memory at one time, and of one row group.
_GROUP: Final = 4096
# By column: the type, as Arrow calls it, with a question mark where a mask may have none; and what it holds.
COLUMN_TYPES: Final = {
    "id": ("int64", "the mask's number in the project, the same in every export"),
    "uuid": ("string", "the mask's own id"),
    "image_id": ("int64", "the image's number in the project, the same in every export"),
    "file_name": ("string", "of the image, as in the archive"),
    "split": ("string", "train, val or test"),
    "image_width": ("int32", "pixels of the upright image"),
    "image_height": ("int32", "pixels of the upright image"),
    "category_id": ("int32", "the label's number, from 1; 0 is a mask that is to be labelled later"),
    "category": ("string", "the label's name"),
    "x": ("int32", "first column of the box, from 0"),
    "y": ("int32", "first row of the box, from 0"),
    "width": ("int32", "columns of the box"),
    "height": ("int32", "rows of the box"),
    "area": ("int64", "pixels of the mask"),
    "z": ("int32", "depth: higher ones lie above"),
    "stage": ("string", "assisted_manual, semi_automatic or fully_automatic"),
    "model": ("string?", "name@version of the model that made it"),
    "predicted_iou": ("float64?", "what the model said of its mask"),
    "stability_score": ("float64?", "IoU of the mask under a higher and a lower threshold"),
    "author": ("string?", "the user name"),
    "seconds_spent": ("float64", "of the author's"),
    "revision": ("int32", "how often it was saved"),
    "prompts": ("string", "JSON: points [x, y, 1 foreground or 0 background], box, candidate"),
    "attributes": ("string", "JSON: values by the attribute's name"),
    "size": ("list<int32>", "[height, width] of the RLE"),
    "counts": ("string", "COCO's compressed column-major RLE"),
    "tags": ("list<string>", "of the image"),
}


class Parquet:
    name = "parquet"
    title = "Table of masks (Parquet)"
    holds = "A row a mask with its pixels and where it comes from. For pandas, DuckDB, Polars and Spark."
    fields_without_a_place = ()
    has_tags = True

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        # 170 MB on disk, of use to nobody who does not write a table.
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        schema = _schema()
        with (
            archive.open("masks.parquet") as file,
            ParquetWriter(file, schema, compression="zstd", version="2.6") as writer,
        ):
            for rows in _groups(dataset, losses):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema), row_group_size=_GROUP)


def _groups(dataset: Dataset, losses: Losses) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for picture, masks in dataset.items():
        # A picture without a mask has no row.
        losses.tags_lost += 0 if masks else len(picture.tags)
        for mask in masks:
            losses.kept(mask)
            rows.append(mask_row(picture, mask, dataset))
            if len(rows) == _GROUP:
                yield rows
                rows = []
    if rows:
        yield rows


def _schema() -> Any:
    import pyarrow

    types = {
        "int32": pyarrow.int32(),
        "int64": pyarrow.int64(),
        "float64": pyarrow.float64(),
        "string": pyarrow.string(),
        "list<string>": pyarrow.list_(pyarrow.field("element", pyarrow.string(), nullable=False)),
        "list<int32>": pyarrow.list_(pyarrow.field("element", pyarrow.int32(), nullable=False)),
    }
    return pyarrow.schema(
        pyarrow.field(
            name,
            types[kind.removesuffix("?")],
            nullable=kind.endswith("?"),
            metadata={"description": description},
        )
        for name, (kind, description) in COLUMN_TYPES.items()
    )
