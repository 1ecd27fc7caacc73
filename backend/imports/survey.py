"""A data set looked over without changing anything: what is in it, and how it stands to the project."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from backend.annotations.models import Mask
from backend.common.errors import ApplicationError, InvalidInput, StorageFull
from backend.formats.reading import Reading, ReadPicture, Source, plain
from backend.formats.registry import READ_FORMATS, read_format_get
from backend.formats.table import harmless
from backend.images.pixels import picture_check
from backend.imports.drafts import Labels
from backend.imports.masks import uuid_of
from backend.imports.matching import Match, Matcher, Standing
from backend.projects.models import Project
from backend.users.models import User
from backend.work.models import WorkItem

AUTO: Final = "auto"
# So many are in a job's result; all that are told are in its file.
NAMED: Final = 50
_LABELS_NAMED: Final = 1000
_IDS_AT_ONCE: Final = 500


@dataclass
class Survey:
    """What one look at a source found."""

    format: str
    tried: list[dict[str, Any]]
    reading: Reading
    pictures: Counter[Standing] = field(default_factory=Counter)
    picture_count: int = 0
    masks_by_label: Counter[str | None] = field(default_factory=Counter)
    # Images of the project that have masks, and masks of the source that it has already.
    images_with_masks: int = 0
    masks_known: int = 0
    # Masks on pictures that nobody has, or that cannot be read.
    masks_missing: int = 0
    # Of pictures that are found.
    tags: set[str] = field(default_factory=set)
    # Of new pictures; one that a data set has twice is new once.
    _new: set[str] = field(default_factory=set)

    def match(self, matcher: Matcher, picture: ReadPicture) -> Match | None:
        """Counts how the picture stands; None where it is missing, which is told. A new one is read as it will be when it
        is brought in."""
        try:
            with matcher.matched(picture) as (match, file):
                standing = match.standing
                if file is not None and standing == Standing.NEW and match.sha256 in self._new:
                    standing = Standing.KNOWN
                elif file is not None and standing == Standing.NEW:
                    picture_check(file)
                    self._new.add(match.sha256)
        except StorageFull:
            raise
        except ApplicationError as error:
            self.reading.problem(picture.file_name, "", error.code, error.message)
            standing = Standing.MISSING
        else:
            if standing == Standing.MISSING:
                self.reading.problem(picture.file_name, "", "import.picture_missing", missing_text(picture))
        self.pictures[standing] += 1
        if standing == Standing.MISSING:
            self.masks_missing += len(picture.objects)
            return None
        self.tags.update(picture.tags)
        return match

    def report(self, labels: Labels) -> dict[str, Any]:
        """As JSON carries it."""
        # Those without a mask are not made, so that there is nothing to choose.
        met = dict.fromkeys([*self.reading.categories, *filter(None, self.masks_by_label)])
        names = [name for name in met if self.masks_by_label[name]]
        return {
            "format": self.format,
            "tried": self.tried,
            "pictures": {standing.value: self.pictures[standing] for standing in Standing}
            | {"total": self.picture_count},
            "images_with_masks": self.images_with_masks,
            "masks": sum(self.masks_by_label.values()),
            "masks_known": self.masks_known,
            "masks_missing": self.masks_missing,
            "unlabelled": self.masks_by_label[None],
            "tags": sorted(self.tags)[:_LABELS_NAMED],
            "label_count": len(names),
            "labels": [_label(name, self.masks_by_label[name], labels) for name in names[:_LABELS_NAMED]],
            "problem_count": self.reading.problem_count,
            "problems": [vars(problem) for problem in self.reading.problems[:NAMED]],
        }


def _label(name: str, masks: int, labels: Labels) -> dict[str, Any]:
    found = labels.suggestion(name)
    return {"name": plain(name), "masks": masks, "label": found.pk if found else None}


def format_found(
    source: Source, matcher: Matcher, wanted: str, check: Callable[[], None]
) -> tuple[str, list[dict[str, Any]]]:
    """The wanted format, or of all that are read the one that finds most objects, then fewest problems; and what each
    that was tried found. Raises InvalidInput `import.nothing_found`, NotFound `import.unknown_format`."""
    if wanted != AUTO:
        return read_format_get(wanted).name, []
    tried: list[dict[str, Any]] = []
    for name, chosen in READ_FORMATS.items():
        reading = Reading(source, size_of=matcher.size_of)
        pictures = objects = 0
        for picture in chosen.read(reading):
            check()
            pictures, objects = pictures + 1, objects + len(picture.objects)
        check()
        found = {"format": name, "pictures": pictures, "masks": objects, "problems": reading.problem_count}
        tried.append(found)
    best = max(tried, key=lambda found: (found["masks"], found["pictures"], -found["problems"]))
    if not best["pictures"]:
        raise InvalidInput(
            "None of the formats finds a picture with masks in it.", "import.nothing_found", {"tried": tried}
        )
    return str(best["format"]), tried


def survey(
    *, project: Project, actor: User, source: Source, wanted: str, progress: Callable[[int], None]
) -> tuple[Survey, dict[str, Any]]:
    """Looks the whole source over; `progress` is told how many pictures were looked at and may end it by an exception.
    Raises what `format_found` raises."""
    matcher = Matcher(project, source)
    name, tried = format_found(source, matcher, wanted, lambda: progress(0))
    reading = Reading(source, size_of=matcher.size_of)
    found = Survey(name, tried, reading)
    with_masks = set(
        WorkItem.objects.filter(project=project, is_replica=False, mask_count__gt=0)
        .values_list("pk", flat=True)
        .iterator()
    )
    met: set[int] = set()
    for picture in read_format_get(name).read(reading):
        progress(found.picture_count)
        found.picture_count += 1
        found.masks_by_label.update(read.label for read in picture.objects)
        found.masks_known += _known(project, picture)
        match = found.match(matcher, picture)
        if match is not None and match.image_id in with_masks and match.image_id not in met:
            met.add(match.image_id)
            found.images_with_masks += 1
    labels = Labels(project, actor, {})
    return found, found.report(labels)


def missing_text(picture: ReadPicture) -> str:
    """What is said of a picture that nobody has."""
    text = "Neither the archive nor the project has this picture."
    return f"{text} Its {len(picture.objects)} masks are left out." if picture.objects else text


def _known(project: Project, picture: ReadPicture) -> int:
    ids = [mask_id for read in picture.objects if (mask_id := uuid_of(read.uuid))]
    return sum(
        Mask.objects.filter(image__project=project, pk__in=ids[start : start + _IDS_AT_ONCE]).count()
        for start in range(0, len(ids), _IDS_AT_ONCE)
    )


def problems_csv(reading: Reading) -> bytes:
    """All problems that are told, a row each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "row", "code", "message"])
    for problem in reading.problems:
        writer.writerow(
            [harmless(problem.path), harmless(problem.where), problem.code, harmless(problem.message)]
        )
    return text.getvalue().encode()
