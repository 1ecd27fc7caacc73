"""The two jobs: a look that changes nothing, and the import itself."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from backend.common.errors import InvalidInput, NotFound
from backend.formats.reading import Reading
from backend.formats.registry import READ_FORMATS
from backend.imports.applying import Import
from backend.imports.drafts import Labels
from backend.imports.masks import Policy
from backend.imports.models import ImportUpload
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
    """Raises InvalidInput `input.invalid`, NotFound `import.not_found`."""
    data = CheckParamsSerializer(data=params)
    data.is_valid(raise_exception=True)
    return _of_upload(project, dict(data.validated_data))


def import_checked(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `input.invalid`, `import.label_unknown`, NotFound `import.not_found`."""
    data = ImportParamsSerializer(data=params)
    data.is_valid(raise_exception=True)
    values = dict(data.validated_data)
    chosen = {choice for choice in values["labels"].values() if isinstance(choice, int)}
    unknown = sorted(chosen - set(project.labels.values_list("pk", flat=True)))
    if unknown:
        raise InvalidInput("The project has no such label.", "import.label_unknown", {"labels": unknown})
    return _of_upload(project, values)


def _of_upload(project: Project, values: dict[str, Any]) -> dict[str, Any]:
    upload_get(project=project, upload_id=values["upload"])
    return {**values, "upload": str(values["upload"])}


def look(context: JobContext) -> dict[str, Any]:
    """The preview of an import; problems in a file beside it."""
    project, actor, upload = _parts(context)
    with upload_opened(upload) as source:
        found, report = survey(
            project=project,
            actor=actor,
            source=source,
            wanted=context.job.params["format"],
            progress=context.progress,
        )
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
    project, actor, upload = _parts(context)
    params = context.job.params
    with upload_opened(upload) as source:
        work = Import(
            project=project,
            actor=actor,
            source=source,
            format=params["format"],
            labels=Labels(project, actor, params["labels"]),
            policy=Policy(params["policy"]),
            run_id=context.job.uuid,
            holding=context.holding,
            progress=lambda done: context.progress(done, max(done, upload.picture_count or 0) or None),
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


def _parts(context: JobContext) -> tuple[Project, User, ImportUpload]:
    project, actor = context.job.project, context.job.created_by
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    if actor is None:
        raise NotFound("Who asked for the import has no account any more.", "import.nobody")
    upload = upload_get(project=project, upload_id=uuid.UUID(context.job.params["upload"]))
    return project, actor, upload


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
