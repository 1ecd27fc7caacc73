"""A data set in COCO's format imported and exported, and its export imported and exported once more."""

import gzip
import json
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from backend.projects.models import Project
from backend.users.models import User

HEAD = (
    "| data set | images | exported | masks | exported | counts identical | names | image ids | mask ids "
    "| ids in 2nd export | ids after 2nd import | seconds |\n|" + "---|" * 12
)
Document = dict[str, Any]


@dataclass(frozen=True)
class Again:
    """What is to be seen of one data set; of all, sums."""

    name: str
    images: int
    exported_images: int
    masks: int
    exported_masks: int
    # Masks of the data set that are in the export, on the same picture with the same run lengths.
    counts_identical: int
    # Categories of which every mask is called the same, of those that have one.
    names_kept: int
    names: int
    # Those of the data set that are the same in the export.
    image_ids_kept: int
    mask_ids_kept: int
    # Ids that are the same in a second export of the project, and in that of a project made of the first export.
    second_export_ids: int
    second_import_ids: int
    seconds: float


def again(folder: Path, owner: User, work: Path) -> Again:
    """Imports `images/` with `annotations.json` or `.json.gz`, and does the rest; files go to `work`."""
    begun = time.perf_counter()
    work.mkdir(parents=True)
    source = _source(folder, work / "source")
    here = f"{folder.name} once"
    arguments = ["--path", str(work / "source"), "--images", str(folder / "images")]
    first, archive = _through(here, owner, arguments, work / "first.zip", pictures=True)
    second, _ = _export(Project.objects.get(name=here), work / "second.zip")
    third, _ = _through(f"{folder.name} twice", owner, ["--path", str(archive)], work / "third.zip")
    masks = _masks(source)
    exported = _masks(first)
    drawn, came_back = (Counter((p, counts) for p, _, counts in some.values()) for some in (masks, exported))
    named, renamed = (Counter(some.values()) for some in (masks, exported))
    names = {label for _, label, _ in named}
    return Again(
        name=folder.name,
        images=len(source["images"]),
        exported_images=len(first["images"]),
        masks=len(source["annotations"]),
        exported_masks=len(first["annotations"]),
        counts_identical=(drawn & came_back).total(),
        names_kept=len(names - {label for _, label, _ in named - renamed}),
        names=len(names),
        image_ids_kept=len(_image_ids(source) & _image_ids(first)),
        mask_ids_kept=len(masks.items() & exported.items()),
        second_export_ids=len(_ids(first) & _ids(second)),
        second_import_ids=len(_ids(first) & _ids(third)),
        seconds=time.perf_counter() - begun,
    )


def total(rows: list[Again]) -> Again:
    sums = {f.name: sum(getattr(row, f.name) for row in rows) for f in fields(Again) if f.name != "name"}
    return Again(name="all", **sums)


def line(row: Again) -> str:
    """Of the table."""
    ids = row.exported_images + row.exported_masks
    values = [
        *(row.name, row.images, row.exported_images, row.masks, row.exported_masks, row.counts_identical),
        *(f"{row.names_kept} of {row.names}", row.image_ids_kept, row.mask_ids_kept),
        *(f"{row.second_export_ids} of {ids}", f"{row.second_import_ids} of {ids}", f"{row.seconds:.0f}"),
    ]
    return "| " + " | ".join(map(str, values)) + " |"


def _source(folder: Path, to: Path) -> Document:
    """The data set's document, put into a folder of its own as a file the import reads."""
    packed, plain = folder / "annotations.json.gz", folder / "annotations.json"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
    to.mkdir()
    (to / "annotations.json").write_bytes(content)
    document: Document = json.loads(content)
    return document


def _through(
    name: str, owner: User, arguments: list[str], out: Path, *, pictures: bool = False
) -> tuple[Document, Path]:
    """What a new project exports after this import."""
    told = StringIO()
    call_command(
        *("import_dataset", name, "--create", "--user", owner.username, "--format", "coco", *arguments),
        stdout=StringIO(),
        stderr=told,
    )
    # Attributes that a new project's labels do not have are told, and are none of this.
    problems = [
        problem for problem in told.getvalue().splitlines() if "import.attributes_lost" not in problem
    ]
    assert not problems, problems[:10]
    return _export(Project.objects.get(name=name), out, pictures=pictures)


def _export(project: Project, out: Path, *, pictures: bool = False) -> tuple[Document, Path]:
    arguments = ["--format", "coco", "--out", str(out), *(["--pictures"] if pictures else [])]
    call_command("export_dataset", str(project.pk), *arguments, stdout=StringIO())
    with zipfile.ZipFile(out) as archive:
        document: Document = json.loads(archive.read("annotations/instances_train.json"))
    return document, out


def _masks(document: Document) -> dict[int, tuple[str, str, str]]:
    """(the picture's name, label, counts) by id."""
    names = {category["id"]: category["name"] for category in document["categories"]}
    pictures = {image["id"]: image["file_name"] for image in document["images"]}
    return {
        entry["id"]: (
            pictures[entry["image_id"]],
            names[entry["category_id"]],
            entry["segmentation"]["counts"],
        )
        for entry in document["annotations"]
    }


def _image_ids(document: Document) -> set[tuple[int, str]]:
    return {(image["id"], image["file_name"]) for image in document["images"]}


def _ids(document: Document) -> set[tuple[object, ...]]:
    """Of images with their names, and of masks with all there is."""
    return _image_ids(document) | set(_masks(document).items())
