"""What a training learns from and is measured by: accepted masks, written to the shard that its process reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backend.jobs.context import JobContext
from backend.training.models import TrainingRun
from backend.training.selectors import Material, material_images, material_sides
from backend.training.services import material_checked
from workers.accepted_masks import annotated, images_with_masks

if TYPE_CHECKING:
    from models.sam.training.data_sources import AnnotatedImage

# Sides of the stored pictures, in sides of the model's input: crops of them are trained on.
SIDE: Final = 2


def material_store(context: JobContext, run: TrainingRun, folder: Path) -> None:
    """Writes the accepted masks, as they are now, to the folder's shard, unless they are there.

    Raises JobStopped, Conflict `training.too_few`.
    """
    shard = folder / "data.tar"
    if not shard.is_file():
        from models.sam.training.shard import write_images

        counted = _Counted()
        side = SIDE * int(run.parent.manifest["image_size"])
        write_images(counted.over(_annotated(context, run)), folder / "new.tar", side)
        material_checked(counted.material)
        (folder / "material.json").write_text(json.dumps(vars(counted.material)))
        (folder / "new.tar").replace(shard)
    material = Material(**json.loads((folder / "material.json").read_text()))
    with context.holding():
        TrainingRun.objects.filter(pk=run.pk).update(**vars(material))
    context.log(
        f"{material.train_images:,} images with {material.train_masks:,} masks to train on, "
        f"{material.val_images:,} with {material.val_masks:,} to measure by."
    )


class _Counted:
    """Counts what goes into a shard by side."""

    def __init__(self) -> None:
        self.material = Material(0, 0, 0, 0)

    def over(self, images: Iterator[AnnotatedImage]) -> Iterator[AnnotatedImage]:
        counts = dict.fromkeys(vars(self.material), 0)
        for image in images:
            counts[f"{image.split}_images"] += 1
            counts[f"{image.split}_masks"] += len(image.segmentations)
            yield image
        self.material = Material(**counts)


def _annotated(context: JobContext, run: TrainingRun) -> Iterator[AnnotatedImage]:
    """The images with all their masks, a few at a time."""
    sides = material_sides(project=run.project, projects=run.projects.all())
    images = material_images(project=run.project, projects=run.projects.all(), sides=sides)
    for image, masks in images_with_masks(context, images):
        yield annotated(image, masks, str(sides[image.sha256]))
