"""What comes back of each special mask: exported, then imported here, and read by others."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management import call_command
from pycocotools import mask as coco_mask

from backend.annotations.models import Mask
from backend.formats.registry import FORMATS, READ_FORMATS
from backend.images.models import Image
from backend.projects.models import Project
from backend.users.models import User
from tests.backend.formats.cases import Pixels
from tests.backend.formats.found import Found
from tests.backend.formats.readers import READERS, ROUNDING
from tests.backend.formats.specials import EMPTY, NOBODY, NOT_ASCII, specials

HERE = "here"
# Formats that others read as well.
READ_AS = {"coco_polygons": "coco"}


@dataclass(frozen=True)
class Row:
    """One format and one reader. `ious` is by column; of several masks on a photograph that of the one that lost most."""

    format: str
    reader: str
    ious: dict[str, float]
    # Whether the photograph without masks, the name that is not ASCII, and the label without a mask came back.
    kept: dict[str, bool]
    # Objects whose IoU is below 1, and whether the export's own account says that very IoU of each of them.
    changed: int
    is_told: bool


def rows(project: Project, owner: User, folder: Path) -> Iterator[Row]:
    """For each format what the import here finds, if there is one, and each of the other readers."""
    for name in FORMATS:
        archive = folder / f"{name}.zip"
        arguments = ["--format", name, "--out", str(archive), "--pictures", "--unlabelled", "skip"]
        call_command("export_dataset", str(project.pk), *arguments, stdout=StringIO())
        unpacked = folder / name
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(unpacked)
        account = json.loads((unpacked / "losses.json").read_text())
        told = {loss["uuid"]: loss["iou"] for loss in account["worst"]}
        if READ_AS.get(name, name) in READ_FORMATS:
            yield _row(project, name, HERE, imported(archive, name, owner), told)
        for reader, read in READERS[name].items():
            yield _row(project, name, reader, read(unpacked), told)


def imported(archive: Path, name: str, owner: User) -> Found:
    """What a new project holds, made of the archive."""
    title = f"Again {name}"
    arguments = ["--create", "--user", owner.username, "--format", READ_AS.get(name, name)]
    call_command("import_dataset", title, *arguments, "--path", str(archive), stdout=StringIO())
    made = Project.objects.get(name=title)
    found = Found()
    found.labels = set(made.labels.values_list("name", flat=True))
    for image in Image.objects.filter(project=made):
        stem = found.picture(image.file_name, image.width, image.height)
        for mask in Mask.objects.filter(image=image).select_related("label"):
            packed = {"size": [image.height, image.width], "counts": mask.counts.encode()}
            label = mask.label.name if mask.label else None
            found.objects[stem].append((label, coco_mask.decode(packed).astype(bool)))
    return found


def _row(project: Project, name: str, reader: str, found: Found, told: dict[str, float]) -> Row:
    ious, changed, is_told, names = {}, 0, True, set()
    for special in specials():
        left = list(found.objects.get(special.stem, ()))
        assert len(left) <= len(special.drawn), f"{name}, {reader}: objects of nobody on {special.stem}"
        height, width = special.drawn[0].shape
        lowest = 1.0
        for z, drawn in enumerate(special.drawn):
            label, iou = _best(drawn, left)
            names |= {label} if special.label == NOT_ASCII else set()
            uuid = Mask.objects.get(image__project=project, image__file_name__startswith=special.stem, z=z).pk
            if iou < 1:
                changed += 1
                is_told &= told.get(str(uuid)) == iou
            lowest = min(lowest, iou)
        assert found.sizes.get(special.stem, (width, height)) == (width, height)
        ious[special.title] = lowest
    return Row(
        name,
        reader,
        ious,
        {
            "empty image": EMPTY in found.sizes,
            "non-ASCII label": names == {NOT_ASCII},
            "label without a mask": NOBODY in found.labels,
        },
        changed,
        is_told,
    )


def _best(drawn: Pixels, found: list[tuple[str | None, Pixels]]) -> tuple[str | None, float]:
    """The label and the IoU of the object that is most like this one; nothing like it is 0."""
    scored = [(_iou(drawn, pixels), label) for label, pixels in found]
    iou, label = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return label, iou


def _iou(first: Pixels, second: Pixels) -> float:
    return float(np.sum(first & second) / np.sum(first | second))


def markdown(table: list[Row]) -> str:
    """With four digits; what is not wholly 1 is never shown as 1."""
    ious, kept = list(table[0].ious), list(table[0].kept)
    head = ["format", "read by", *ious, *kept, "told"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in table:
        values = ["1" if iou == 1 else f"{min(iou, 0.9999):.4f}" for iou in row.ious.values()]
        words = ["kept" if is_kept else "lost" for is_kept in row.kept.values()]
        told = "" if not row.changed else "yes" if row.is_told else "no"
        if (row.format, row.reader) in ROUNDING:
            told += ", the reader rounds"
        lines.append("| " + " | ".join([row.format, row.reader, *values, *words, told]) + " |")
    return "\n".join(lines)


def as_json(table: list[Row]) -> list[dict[str, Any]]:
    return [asdict(row) for row in table]
