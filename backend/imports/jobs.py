"""The two jobs: a look that changes nothing, and the import itself."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from backend.common.errors import Conflict, InvalidInput, NotFound
from backend.formats.reading import Reading, Source
from backend.formats.registry import READ_FORMATS
from backend.imports.applying import Import
from backend.imports.drafts import Labels
from backend.imports.masks import Policy
from backend.imports.models import ImportUpload
from backend.imports.places import fingerprint, place_check, place_opened
from backend.imports.serializers import CheckParamsSerializer, ImportParamsSerializer
from backend.imports.services import upload_get, upload_opened
from backend.imports.survey import AUTO, NAMED, problems_csv, survey
from backend.jobs.context import JobContext
from backend.jobs.registry import JobKind, Params, kind_add
from backend.projects.models import Project
from backend.users.models import User

CHECK: Final = "import.check"
IMPORT: Final = "import"


def check_checked(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `input.invalid`, NotFound `import.not_found`, and what `place_check` raises."""
    data = CheckParamsSerializer(data=params)
    data.is_valid(raise_exception=True)
    return _of_source(project, dict(data.validated_data))


def import_checked(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `input.invalid`, `import.label_unknown`, NotFound `import.not_found`, and what `place_check`
    raises."""
    data = ImportParamsSerializer(data=params)
    data.is_valid(raise_exception=True)
    values = dict(data.validated_data)
    chosen = {choice for choice in values["labels"].values() if isinstance(choice, int)}
    unknown = sorted(chosen - set(project.labels.values_list("pk", flat=True)))
    if unknown:
        raise InvalidInput("The project has no such label.", "import.label_unknown", {"labels": unknown})
    return _of_source(project, values)


def _of_source(project: Project, values: dict[str, Any]) -> dict[str, Any]:
    if "place" in values:
        return {**values, "place": place_check(values["place"])}
    upload_get(project=project, upload_id=values["upload"])
    return {**values, "upload": str(values["upload"])}


def look(context: JobContext) -> dict[str, Any]:
    """The preview of an import; problems in a file beside it."""
    project, actor = _people(context)
    with _opened(context, project) as (source, upload, mark):
        found, report = survey(
            project=project,
            actor=actor,
            source=source,
            wanted=context.job.params["format"],
            progress=context.progress,
        )
    report["fingerprint"] = mark
    if upload is not None:
        with context.holding():
            ImportUpload.objects.filter(pk=upload.pk).update(picture_count=found.picture_count)
    context.progress(found.picture_count, found.picture_count)
    context.log(
        f"{found.picture_count:,} pictures with {report['masks']:,} masks, read as {found.format}; "
        f"{found.reading.problem_count:,} problems."
    )
    _problems_store(context, found.reading)
    return report


def bring_in(context: JobContext) -> dict[str, Any]:
    """The import; problems in a file beside it."""
    project, actor = _people(context)
    params = context.job.params
    with _opened(context, project) as (source, upload, mark):
        if mark and params.get("fingerprint", mark) != mark:
            raise Conflict("The folder was changed since it was looked at.", "import.place_changed")
        expected = (upload.picture_count if upload else None) or 0
        work = Import(
            project=project,
            actor=actor,
            source=source,
            format=params["format"],
            labels=Labels(project, actor, params["labels"]),
            policy=Policy(params["policy"]),
            run_id=context.job.uuid,
            holding=context.holding,
            progress=lambda done: context.progress(done, max(done, expected) or None),
            fingerprint=mark,
        )
        result = work.apply()
    made = result["masks"]
    context.log(
        f"{result['pictures']['new']:,} new pictures, {made['created']:,} new masks, {made['replaced']:,} replaced, "
        f"{made['skipped']:,} left out; {work.reading.problem_count:,} problems."
    )
    _problems_store(context, work.reading)
    return {
        **result,
        "problem_count": work.reading.problem_count,
        "problems": [vars(problem) for problem in work.reading.problems[:NAMED]],
    }


def _people(context: JobContext) -> tuple[Project, User]:
    project, actor = context.job.project, context.job.created_by
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    if actor is None:
        raise NotFound("Who asked for the import has no account any more.", "import.nobody")
    return project, actor


@contextmanager
def _opened(context: JobContext, project: Project) -> Iterator[tuple[Source, ImportUpload | None, str]]:
    """(the files, the upload they are in if they are in one, the fingerprint of a place)."""
    params = context.job.params
    if "place" in params:
        source = place_opened(params["place"])
        yield source, None, fingerprint(source)
        return
    upload = upload_get(project=project, upload_id=uuid.UUID(params["upload"]))
    with upload_opened(upload) as archive:
        yield archive, upload, ""


def _problems_store(context: JobContext, reading: Reading) -> None:
    if reading.problems:
        context.file_store(
            name="import-problems.csv", media_type="text/csv", pieces=iter([problems_csv(reading)])
        )


def _title(words: str, params: Mapping[str, Any]) -> str:
    name = str(params["format"])
    if name == AUTO:
        return words
    return f"{words}: {READ_FORMATS[name].title if name in READ_FORMATS else name}"


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=CHECK,
            title="Look at an import",
            unit="images",
            check=check_checked,
            title_of=lambda params: _title("Look at an import", params),
        ),
        look,
    )
    kind_add(
        JobKind(
            name=IMPORT,
            title="Import",
            unit="images",
            check=import_checked,
            title_of=lambda params: _title("Import", params),
        ),
        bring_in,
    )
