from collections.abc import Iterator

from django.utils.text import slugify

from backend.common.errors import Conflict
from backend.export.selection import Selection, unlabelled_mask_count
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.users.models import User

_PIECE = 64 * 1024


def export_taken(*, project: Project, actor: User, name: str, selection: Selection) -> None:
    """Remembers that somebody took the project's masks out, in the format called `name`."""
    audit(
        project=project,
        actor=actor,
        action="export.taken",
        subject=name,
        includes_unlabelled=selection.includes_unlabelled,
    )


def unlabelled_decided(*, project: Project, selection: Selection, is_decided: bool) -> None:
    """Masks without a label fit no category: raises Conflict `export.unlabelled_masks` where there are some and nobody
    said what becomes of them."""
    count = 0 if is_decided else unlabelled_mask_count(project=project, selection=selection)
    if count:
        raise Conflict(
            f"{count} masks have no label yet. Label them, or export with unlabelled=skip or unlabelled=include.",
            "export.unlabelled_masks",
            {"mask_count": count},
        )


def export_file_name(*, project: Project, format_name: str, extension: str) -> str:
    return f"{slugify(project.name) or 'project'}-{format_name}.{extension}"


def pieces(parts: Iterator[str]) -> Iterator[bytes]:
    """The text in pieces of a network packet or more: one write per row would be slow."""
    waiting: list[str] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
