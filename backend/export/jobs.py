"""Exports written in the background to a file in the storage."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import IO, Any, Final

from backend.common.errors import InvalidInput, NotFound
from backend.export.dataset import project_dataset
from backend.export.serializers import ExportOptionsSerializer, ExportParamsSerializer, plan_of, selection_of
from backend.export.services import export_file_name, export_taken, pieces, unlabelled_decided
from backend.formats.coco import Coco
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.registry import FORMATS, dataset_write, format_get
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, kind_add
from backend.projects.models import Project
from backend.users.models import User

COCO: Final = "export.coco"
ARCHIVE: Final = "export"
# Of the objects a format changed so many are in the job's result; the file in the archive names more.
_NAMED: Final = 20


def coco_check(project: Project, user: User | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params of the streamed export. Raises what it answers: `input.invalid`, `export.unlabelled_masks`."""
    options = ExportOptionsSerializer(data=params)
    options.is_valid(raise_exception=True)
    return _decided(project, user, dict(options.validated_data))


def archive_check(project: Project, user: User | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidInput `input.invalid`, `export.needs_pictures`, Conflict `export.unlabelled_masks`."""
    options = ExportParamsSerializer(data=params)
    options.is_valid(raise_exception=True)
    values = dict(options.validated_data)
    if values["format"] == "cutouts" and not values["pictures"]:
        raise InvalidInput("Cut-outs are made of the photographs: ask for them too.", "export.needs_pictures")
    return _decided(project, user, values)


def _decided(project: Project, user: User | None, values: dict[str, Any]) -> dict[str, Any]:
    """As JSON carries them."""
    selection = selection_of(values, viewer=user)
    unlabelled_decided(project=project, selection=selection, is_decided="unlabelled" in values)
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}


def coco_write(context: JobContext) -> dict[str, Any]:
    """The same bytes as the streamed export."""
    project, dataset = _dataset(context)
    watched = _Watched(context, dataset)
    file = context.file_store(
        name=export_file_name(project=project, format_name="coco", extension="json"),
        media_type="application/json",
        pieces=pieces(Coco(has_polygons=False).document(watched.dataset, Losses())),
    )
    return watched.done(file.name)


def archive_write(context: JobContext) -> dict[str, Any]:
    """A zip in any format, with the account of what it could not hold as `losses.json` in it and in the result."""
    project, dataset = _dataset(context)
    chosen = format_get(context.job.params["format"])
    watched = _Watched(context, dataset)
    report: dict[str, Any] = {}

    def write(file: IO[bytes]) -> None:
        losses = dataset_write(watched.dataset, chosen, file, on_copied=watched.copied)
        report.update(losses.report(named=_NAMED))

    file = context.file_make(
        name=export_file_name(project=project, format_name=chosen.name, extension="zip"),
        media_type="application/zip",
        write=write,
    )
    return {**watched.done(file.name), "format": chosen.name, "losses": report}


def _dataset(context: JobContext) -> tuple[Project, Dataset]:
    project, params = context.job.project, context.job.params
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    if context.job.created_by is None:
        raise NotFound("Whoever asked for it is gone, and with them what they are shown.", "job.no_person")
    selection = selection_of(params, viewer=context.job.created_by)
    unlabelled_decided(project=project, selection=selection, is_decided="unlabelled" in params)
    return project, project_dataset(
        project=project,
        selection=selection,
        has_pictures=params.get("pictures", False),
        plan=plan_of(params),
    )


class _Watched:
    """A dataset that tells the job's context how far its objects were read, and its pictures copied where they go along.
    Passes over the rows of pictures alone are short."""

    def __init__(self, context: JobContext, dataset: Dataset) -> None:
        self._context = context
        self._of = dataset
        self._images = self._masks = self._copied = 0
        self.dataset = replace(dataset, items=self._items, pictures=self._pictures)

    def _items(self, split: str | None = None) -> Iterator[tuple[Picture, list[ObjectMask]]]:
        for picture, objects in self._of.items(split):
            self._tell()
            yield picture, objects
            self._images += 1
            self._masks += len(objects)

    def _pictures(self, split: str | None = None) -> Iterator[Picture]:
        for picture in self._of.pictures(split):
            self._context.check()
            yield picture

    def copied(self) -> None:
        self._copied += 1
        self._tell()

    def _tell(self) -> None:
        total = self._of.picture_count
        seen = (self._images + self._copied) // (1 + self._of.has_pictures)
        self._context.progress(min(seen, total), total)

    def done(self, file_name: str) -> dict[str, Any]:
        self._context.progress(self._of.picture_count, self._of.picture_count)
        self._context.log(f"{self._images:,} images and {self._masks:,} masks in {file_name}.")
        return {"images": self._images, "masks": self._masks}


def _archive_title(params: Mapping[str, Any]) -> str:
    """A format that is no longer known is called by its name."""
    name = str(params["format"])
    return f"Export: {FORMATS[name].title if name in FORMATS else name}"


def _taken(name_of: Callable[[Job], str]) -> Callable[[Job, User], None]:
    def taken(job: Job, user: User) -> None:
        if job.project is not None:
            export_taken(
                project=job.project,
                actor=user,
                name=name_of(job),
                selection=selection_of(job.params, viewer=user),
            )

    return taken


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=COCO,
            title="COCO export",
            unit="images",
            check=coco_check,
            file_taken=_taken(lambda _: "coco"),
        ),
        coco_write,
    )
    kind_add(
        JobKind(
            name=ARCHIVE,
            title="Export",
            unit="images",
            check=archive_check,
            title_of=_archive_title,
            file_taken=_taken(lambda job: str(job.params["format"])),
        ),
        archive_write,
    )
