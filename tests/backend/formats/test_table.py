"""The table of `python -m tests.bench.round_trips`, value by value."""

from pathlib import Path

import numpy as np

from backend.formats.registry import FORMATS, READ_FORMATS
from backend.users.models import User
from tests.backend.formats.cases import Pixels, masks
from tests.backend.formats.readers import READERS, ROUNDING
from tests.backend.formats.round_trip_table import HERE, READ_AS, Row, markdown, rows
from tests.backend.formats.specials import ROTATED, specials, specials_project

KEPT = {"empty image": True, "non-ASCII label": True, "label without a mask": True}
# What a format has no place for besides pixels.
LOST = {
    "sa1b": {"non-ASCII label": False, "label without a mask": False},
    "labelme": {"label without a mask": False},
    "label_studio": {"label without a mask": False},
    "csv": {"empty image": False, "label without a mask": False},
    "parquet": {"empty image": False, "label without a mask": False},
    "cutouts": {"empty image": False},
}
DRAWN = masks()


def grown(pixels: Pixels) -> float:
    """IoU with what is drawn along the sides of pixels: a column more on the right and a row below."""
    padded = np.pad(pixels, ((1, 0), (1, 0)))
    larger = padded[1:, 1:] | padded[:-1, 1:] | padded[1:, :-1] | padded[:-1, :-1]
    return float(pixels.sum() / larger.sum())


# A pixel is one object's: what is left of the donut.
COVERED = {
    "overlapping": float((DRAWN["donut"] & ~DRAWN["over the donut"]).sum() / DRAWN["donut"].sum()),
}
# Pixels of the mask, and with those under the line between its parts: 7 level and 24 upright; 32 along the last row.
BRIDGED = {"two parts": 52 / (52 + 7 + 24), "last row and column": 34 / (34 + 32)}
# Of the two overlapping ones the donut loses more.
ROUNDED = {special.title: grown(special.drawn[0]) for special in specials()}
IOUS: dict[tuple[str, str], dict[str, float]] = {
    **{
        (name, reader): COVERED
        for name in ("coco_panoptic", "voc", "png", "cityscapes")
        for reader in (HERE, *READERS[name])
    },
    ("yolo", "Ultralytics' rules"): BRIDGED,
    ("coco_polygons", "supervision"): ROUNDED,
    # 75 of the parts as they grow, 29 of the line between them.
    ("yolo", "supervision"): ROUNDED | {"two parts": 52 / (75 + 29)},
}


def test_what_comes_back_of_each_mask(model_version: object, owner: User, tmp_path: Path) -> None:
    project = specials_project(owner)
    turned = project.images.get(file_name__startswith=ROTATED)
    assert (turned.height, turned.width) == specials()[-1].drawn[0].shape
    table = list(rows(project, owner, tmp_path))
    read = {name for name in FORMATS if READ_AS.get(name, name) in READ_FORMATS}
    expected = [
        (name, reader) for name in FORMATS for reader in [*([HERE] if name in read else []), *READERS[name]]
    ]
    assert [(row.format, row.reader) for row in table] == expected
    assert set(READ_FORMATS) <= read
    for row in table:
        where = (row.format, row.reader)
        wanted = {special.title: 1.0 for special in specials()} | IOUS.get(where, {})
        assert row.ious == wanted, where
        assert row.kept == KEPT | LOST.get(row.format, {}), where
        # What is not 1 is what the export says of itself, but where a reader takes no corner as it is.
        assert row.is_told == (where not in ROUNDING), where
        assert bool(row.changed) == (min(wanted.values()) < 1), where
    told = dict(zip(expected, markdown(table).splitlines()[2:], strict=True))
    assert told["yolo", "Ultralytics' rules"] == (
        "| yolo | Ultralytics' rules | 1 | 0.6265 | 1 | 1 | 0.5152 | 1 | 1 | kept | kept | kept | yes |"
    )


def test_what_is_almost_1_is_not_shown_as_1() -> None:
    row = Row("coco", HERE, {"donut": 0.99999, "full image": 1.0}, {"empty image": False}, 1, False)
    assert markdown([row]).splitlines()[-1] == "| coco | here | 0.9999 | 1 | lost | no |"
