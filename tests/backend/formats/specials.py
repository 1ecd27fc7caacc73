"""A project of what formats lose: a photograph for each special mask, taken in and saved as everybody's are."""

import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.annotations.bulk import MaskDraft, masks_create
from backend.formats.reading import pixels_region
from backend.images.services import image_create
from backend.projects.models import Project
from backend.projects.services import label_create, project_create
from backend.users.models import User
from tests.backend.formats.cases import HEIGHT, WIDTH, Pixels, masks
from tests.builders import make_file, make_pixels

NOT_ASCII: Final = 'größe, 猫 "q"'
PLAIN: Final = "object"
# A label without a mask.
NOBODY: Final = "nobody"
EMPTY: Final = "empty"
ROTATED: Final = "rotated"


@dataclass(frozen=True)
class Special:
    """One photograph's masks, the lowest first. `stem` is its file's name without the ending."""

    title: str
    stem: str
    label: str
    drawn: tuple[Pixels, ...]


def specials() -> list[Special]:
    """In the order of the table's columns."""
    drawn = masks()
    turned = np.zeros((WIDTH, HEIGHT), bool)
    turned[2:50, 3:9] = turned[44:50, 3:30] = True
    return [
        Special("donut", "donut", NOT_ASCII, (drawn["donut"],)),
        Special("two parts", "two parts", PLAIN, (drawn["two parts"],)),
        Special("one pixel", "pixel", PLAIN, (drawn["one pixel"],)),
        Special("full image", "full", PLAIN, (drawn["full"],)),
        Special("last row and column", "edge", PLAIN, (drawn["last row and column"],)),
        Special("overlapping", "overlapping", PLAIN, (drawn["donut"], drawn["over the donut"])),
        Special("rotated by EXIF", ROTATED, PLAIN, (turned,)),
    ]


def specials_project(owner: User) -> Project:
    """All of them and a photograph without any, in a new project."""
    project = project_create(owner=owner, name="Ein <Projekt> & more")
    labels = {name: label_create(project=project, name=name) for name in (NOT_ASCII, NOBODY)}
    labels[PLAIN] = project.labels.get(name=PLAIN)
    for number, (stem, special) in enumerate(_photographs(), start=1):
        pixels = make_pixels(WIDTH, HEIGHT, number)
        if stem == ROTATED:
            # 6: what was stored must be turned by a quarter to the right.
            name, content = f"{stem}.jpg", make_file(pixels, "JPEG", orientation=6, quality=95)
        else:
            name, content = f"{stem}.png", make_file(pixels)
        image, _ = image_create(project=project, user=owner, file=io.BytesIO(content), file_name=name)
        drafts = [
            MaskDraft(
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"{project.pk}/{stem}/{z}"),
                region=pixels_region(mask),
                label=labels[special.label],
                prompts={"points": [[3.5, 4, 1]], "box": None, "candidate": 0},
                stage="assisted_manual",
                z=z,
                predicted_iou=0.75,
            )
            for z, mask in enumerate(special.drawn if special else ())
            if special
        ]
        masks_create(image=image, author=owner, drafts=drafts)
    return project


def _photographs() -> Iterator[tuple[str, Special | None]]:
    yield EMPTY, None
    for special in specials():
        yield special.stem, special
