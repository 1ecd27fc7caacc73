"""A data set brought into a project, picture by picture, so that what is killed in between goes on where it was."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, Any, Final

from backend.common.errors import ApplicationError, Conflict, NotFound, StorageFull
from backend.export.numbering import numbers_are_free, numbers_keep
from backend.formats.reading import Reading, ReadPicture, Source
from backend.formats.records import UNLABELLED
from backend.formats.registry import read_format_get
from backend.images.intake import name_clean
from backend.images.models import Image
from backend.images.services import image_create
from backend.imports.drafts import Labels
from backend.imports.masks import Policy, Put, masks_put
from backend.imports.matching import Match, Matcher, Standing
from backend.imports.models import ImportedPicture, ImportRun
from backend.imports.survey import missing_text
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.tags.models import Tag
from backend.tags.services import tags_put
from backend.users.models import User
from backend.work.models import WorkItem

# A transaction in which what is stored is certainly still the caller's to store.
Holding = Callable[[], AbstractContextManager[None]]
_TAG_LENGTH: Final = Tag._meta.get_field("name").max_length
_COUNTED: Final = ("created", "replaced", "deleted", "skipped")


@dataclass
class Import:
    """What is to be brought in, how, and by whom. `run_id` names it: the same again goes on where it was."""

    project: Project
    actor: User
    source: Source
    format: str
    labels: Labels
    policy: Policy
    run_id: uuid.UUID
    holding: Holding
    # Told how many pictures are done; may end it by an exception.
    progress: Callable[[int], None]
    # Of the source, where it may change.
    fingerprint: str = ""
    reading: Reading = field(init=False)
    pictures_new: int = 0
    pictures_matched: int = 0
    pictures_missing: int = 0
    # On pictures that nobody has, or that cannot be read.
    masks_missing: int = 0
    masks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    # Images that have masks of the data set: where it has their picture twice, what comes later comes on top.
    _begun: set[int] = field(default_factory=set)

    def apply(self) -> dict[str, Any]:
        """Does it, and says what was done, by all attempts together. Raises what ends it as a whole: StorageFull, and
        what `holding` and `progress` raise; what is wrong with one picture is a problem of it."""
        matcher = Matcher(self.project, self.source)
        self.reading = Reading(self.source, size_of=matcher.size_of)
        run = self._run()
        if run.fingerprint != self.fingerprint:
            # Pictures are known by their places in it.
            raise Conflict(
                "The folder was changed while it was imported. Look at it again.", "import.place_changed"
            )
        done = {row.place: row for row in ImportedPicture.objects.filter(run=run)}
        place = 0
        for place, picture in enumerate(read_format_get(self.format).read(self.reading), start=1):
            self.progress(place - 1)
            if (row := done.get(place - 1)) is not None:
                self._count(row)
                continue
            try:
                self._picture(run, place - 1, picture, matcher)
            except StorageFull:
                raise
            except ApplicationError as error:
                # Labels made for it are gone with what was stored for it.
                self.labels.forget()
                self._miss(picture)
                self.reading.problem(picture.file_name, "", error.code, error.message)
        self.progress(place)
        if run.keeps_numbers:
            self._labels_make()
        return self._ended()

    def _run(self) -> ImportRun:
        with self.holding():
            run, _ = ImportRun.objects.get_or_create(
                pk=self.run_id,
                defaults={
                    "project": self.project,
                    "fingerprint": self.fingerprint,
                    "keeps_numbers": numbers_are_free(project=self.project),
                },
            )
            return run

    def _picture(self, run: ImportRun, place: int, picture: ReadPicture, matcher: Matcher) -> None:
        with matcher.matched(picture) as (match, file):
            if match.standing == Standing.MISSING:
                self._miss(picture)
                self.reading.problem(picture.file_name, "", "import.picture_missing", missing_text(picture))
                return
            image, is_new = self._image(match, file)
        with self.holding():
            stays = self._stays(image)
            put = masks_put(
                image=image,
                author=self.actor,
                picture=picture,
                name=lambda number: uuid.uuid5(run.pk, f"{place}/{number}"),
                labels=self.labels,
                policy=Policy.ADD if image.pk in self._begun else self.policy,
                reading=self.reading,
            )
            if picture.tags and not stays:
                self._tags_put(image, picture)
            if run.keeps_numbers:
                self._numbers_keep(image, picture, put)
            row = ImportedPicture.objects.create(
                run=run, place=place, image=image, is_new=is_new, **put.counts
            )
        self._count(row)

    def _image(self, match: Match, file: IO[bytes] | None) -> tuple[Image, bool]:
        """The image, and whether it was made just now."""
        if match.image_id is None:
            assert match.path is not None
            assert file is not None
            name = name_clean(match.path)
            return image_create(project=self.project, user=self.actor, file=file, file_name=name)
        image = Image.objects.filter(pk=match.image_id).select_related("project").first()
        if image is None:
            raise NotFound("The picture was deleted in the meantime.", "image.not_found")
        return image, False

    def _stays(self, image: Image) -> bool:
        """Whether the image is to stay as it is, as it has masks that are not of this data set."""
        has_masks = WorkItem.objects.filter(pk=image.pk, mask_count__gt=0).exists()
        return self.policy == Policy.SKIP and has_masks and image.pk not in self._begun

    def _tags_put(self, image: Image, picture: ReadPicture) -> None:
        names = [name[:_TAG_LENGTH] for name in picture.tags]
        if lost := tags_put(image=image, names=names, actor=self.actor):
            self.reading.problem(
                picture.file_name,
                "",
                "import.tags_lost",
                f"The project has no room for more tags: {', '.join(lost[:10])}.",
            )

    def _miss(self, picture: ReadPicture) -> None:
        self.pictures_missing += 1
        self.masks_missing += len(picture.objects)

    def _numbers_keep(self, image: Image, picture: ReadPicture, put: Put) -> None:
        images = {image.pk: picture.number} if picture.number is not None else {}
        numbers_keep(project=self.project, images=images, masks=put.numbers)

    def _labels_make(self) -> None:
        """Labels without a mask too, where nothing was before: what is exported again lists the same categories."""
        with self.holding():
            for name in self.reading.categories:
                if name != UNLABELLED.name and not self.labels.is_skipped(name):
                    self.labels.get(self.reading, name)

    def _count(self, row: ImportedPicture) -> None:
        self.pictures_new += row.is_new
        self.pictures_matched += not row.is_new
        for name in _COUNTED:
            self.masks[name] += getattr(row, name)
        # Under `skip` those passed over are the masks of an image that had others before.
        is_begun = row.created or (self.policy == Policy.REPLACE and (row.replaced or row.skipped))
        if is_begun and row.image_id is not None:
            self._begun.add(row.image_id)

    def _ended(self) -> dict[str, Any]:
        with self.holding():
            audit(
                project=self.project,
                actor=self.actor,
                action="dataset.imported",
                subject=self.format,
                pictures=self.pictures_new,
                masks=self.masks["created"] + self.masks["replaced"],
            )
        return {
            "format": self.format,
            "pictures": {
                "new": self.pictures_new,
                "matched": self.pictures_matched,
                "missing": self.pictures_missing,
            },
            "masks": self.masks,
            "masks_missing": self.masks_missing,
        }
