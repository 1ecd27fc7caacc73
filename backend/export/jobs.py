"""Exports written in the background to a file in the storage: the same bytes as the streamed one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from backend.common.errors import NotFound
from backend.export.records import ImageRecord, MaskRecord, ProjectRecords
from backend.export.registry import format_get
from backend.export.selectors import project_records
from backend.export.serializers import ExportOptionsSerializer
from backend.export.services import export_file_name, export_taken, pieces, unlabelled_decided
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, kind_add
from backend.projects.models import Project
from backend.tallies.selectors import tally_sums
from backend.users.models import User

COCO: Final = "export.coco"


def coco_check(project: Project, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params of the streamed export. Raises what it answers: `input.invalid`, `export.unlabelled_masks`."""
    options = ExportOptionsSerializer(data=params)
    options.is_valid(raise_exception=True)
    unlabelled = options.validated_data.get("unlabelled")
    unlabelled_decided(project=project, unlabelled=unlabelled)
    return {"unlabelled": unlabelled} if unlabelled else {}


def coco_write(context: JobContext) -> dict[str, Any]:
    """Writes the project's COCO file. Progress counts images: those without masks when they are listed, the others
    when their first mask comes."""
    job = context.job
    if job.project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    unlabelled = job.params.get("unlabelled")
    unlabelled_decided(project=job.project, unlabelled=unlabelled)
    chosen = format_get("coco")
    records = project_records(project=job.project, includes_unlabelled=unlabelled == "include")
    watched = _Watched(
        context, records, tally_sums(project_ids=[job.project.pk])[job.project.pk].annotated_images
    )
    file = context.file_store(
        name=export_file_name(project=job.project, chosen=chosen),
        media_type=chosen.media_type,
        pieces=pieces(chosen.write(watched.records())),
    )
    context.progress(watched.image_count, watched.image_count)
    context.log(f"{watched.image_count} images and {watched.mask_count} masks in {file.name}.")
    return {"images": watched.image_count, "masks": watched.mask_count}


class _Watched:
    """Records that tell the job's context how far they were read."""

    def __init__(self, context: JobContext, records: ProjectRecords, annotated_images: int) -> None:
        self._context = context
        self._records = records
        self._annotated_images = annotated_images
        self.image_count = 0
        self.mask_count = 0

    def records(self) -> ProjectRecords:
        return replace(self._records, images=self._images, masks=self._masks)

    def _images(self) -> Iterator[ImageRecord]:
        # Read more than once.
        self.image_count = 0
        for image in self._records.images():
            self._context.check()
            self.image_count += 1
            yield image

    def _masks(self) -> Iterator[MaskRecord]:
        # A number per image: as much as the records themselves keep.
        seen: set[int] = set()
        bare = max(0, self.image_count - self._annotated_images)
        for mask in self._records.masks():
            seen.add(mask.image_number)
            self.mask_count += 1
            self._context.progress(min(bare + len(seen), self.image_count), self.image_count)
            yield mask


def coco_taken(job: Job, user: User) -> None:
    if job.project is not None:
        includes = job.params.get("unlabelled") == "include"
        export_taken(project=job.project, actor=user, name="coco", includes_unlabelled=includes)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(name=COCO, title="COCO export", unit="images", check=coco_check, file_taken=coco_taken),
        coco_write,
    )
