"""The kind of job that makes a release: a zip that is kept as exports are."""

import json
from collections.abc import Mapping
from typing import IO, Any, Final

from django.utils.text import slugify

from backend.common.errors import NotFound
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, kind_add
from backend.jobs.states import JobState
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.release.card import card_make, key_figures, reviewers_count
from backend.release.counting import Counting
from backend.release.selecting import check_cited, nothing_refused, released, selection_of
from backend.release.serializers import ReleaseParamsSerializer
from backend.release.writing import ReleaseWriting
from backend.users.models import User

RELEASE: Final = "release"


def release_check(project: Project, user: User, params: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidInput `input.invalid`, `release.check`, Conflict `release.nothing`."""
    data = ReleaseParamsSerializer(data=params)
    data.is_valid(raise_exception=True)
    values = json.loads(json.dumps(data.validated_data))
    check_cited(project=project, check_id=values.get("check"))
    nothing_refused(int(selection_of(values, viewer=user).images(project).exists()))
    return dict(values)


def release_write(context: JobContext) -> dict[str, Any]:
    """The archive, and of its card what the page shows. An attempt begins anew: nothing of a former one is there."""
    project, person, params = context.job.project, context.job.created_by, context.job.params
    if project is None:
        raise NotFound("The project was deleted.", "project.not_found")
    if person is None:
        raise NotFound("Whoever asked for it is gone, and with them what they are shown.", "job.no_person")
    chosen = released(project=project, params=params, viewer=person)
    total, number = len(chosen.ids), _number(context.job)
    writing = ReleaseWriting(
        chosen, params["short_side"], lambda done: context.progress(min(done, total), total)
    )
    card: dict[str, Any] = {}

    def card_of(counting: Counting) -> dict[str, Any]:
        card.update(
            card_make(
                project=project,
                params=params,
                number=number,
                at=context.job.created_at,
                counting=counting,
                label_names=chosen.label_names,
                cited=check_cited(project=project, check_id=params.get("check")),
                reviewers=reviewers_count(list(chosen.ids)),
            )
        )
        return card

    def write(file: IO[bytes]) -> None:
        writing.write(file, card_of)

    file = context.file_make(
        name=f"{slugify(params['name']) or 'release'}-{number}.zip",
        media_type="application/zip",
        write=write,
    )
    context.progress(total, total)
    context.log(f"{writing.counting.images:,} images and {writing.counting.masks:,} masks in {file.name}.")
    return {"images": writing.counting.images, "masks": writing.counting.masks, "card": key_figures(card)}


def _number(job: Job) -> int:
    """The first release of a project that succeeds is 1."""
    before = Job.objects.filter(project=job.project_id, kind=RELEASE, state=JobState.SUCCEEDED)
    return before.exclude(pk=job.pk).count() + 1


def _title(params: Mapping[str, Any]) -> str:
    return f"Release: {params['name']}"


def _taken(job: Job, user: User) -> None:
    if job.project is not None:
        audit(project=job.project, actor=user, action="release.taken", subject=str(job.params["name"]))


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=RELEASE,
            title="Release",
            unit="images",
            check=release_check,
            title_of=_title,
            file_taken=_taken,
        ),
        release_write,
    )
