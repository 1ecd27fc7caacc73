from collections.abc import Iterable
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet

from backend.common.errors import NotFound
from backend.projects.models import Label, Membership, Project
from backend.projects.permissions import changes_allowed
from backend.users.models import User

_RECENT = 25


def project_list(*, user: User) -> QuerySet[Project]:
    """The projects `user` is a member of."""
    return Project.objects.filter(memberships__user=user).select_related("model").distinct()


def project_get(*, user: User, project_id: int) -> Project:
    """One project. Raises NotFound `project.not_found` also for those who are no members."""
    project = project_list(user=user).filter(pk=project_id).first()
    if project is None:
        raise NotFound("There is no such project, or you are not a member of it.", "project.not_found")
    return project


def project_locked(*, project_id: int) -> Project:
    """The project as it is now, its row held until the transaction ends: who decides by its model, or counts what it
    holds, takes turns. Raises NotFound `project.not_found` for one that was deleted in the meantime.

    Rows that only refer to it can still be made: their foreign keys need no more than its key to stay.
    """
    rows = Project.objects.select_for_update(of=("self",), no_key=True).select_related("model")
    project = rows.filter(pk=project_id).first()
    if project is None:
        raise NotFound("The project was deleted in the meantime.", "project.not_found")
    return project


def label_list(*, project: Project) -> QuerySet[Label]:
    """The project's labels with `mask_count` and `attributes`."""
    labels = project.labels.annotate(mask_count=Count("masks")).order_by("category_id")
    return labels.prefetch_related("attributes")


def label_get(*, user: User, label_id: int) -> Label:
    """One label with `mask_count`. Raises NotFound `label.not_found`."""
    labels = Label.objects.filter(project__memberships__user=user).annotate(mask_count=Count("masks"))
    label = labels.select_related("project").filter(pk=label_id).first()
    if label is None:
        raise NotFound("There is no such label.", "label.not_found")
    return label


def project_figures(*, projects: Iterable[Project], user: User) -> dict[int, dict[str, Any]]:
    """By project id: role of `user` and what it allows, image, mask and embedding counts, seconds until all embeddings
    are ready.

    Four queries for any number of projects.
    """
    projects = list(projects)
    chosen = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by()
    roles = dict(chosen.filter(memberships__user=user).values_list("pk", "memberships__role"))
    images = {
        row["pk"]: row
        for row in chosen.values("pk").annotate(
            image_count=Count("images", distinct=True),
            annotated_image_count=Count("images", filter=Q(images__masks__isnull=False), distinct=True),
            mask_count=Count("images__masks", distinct=True),
            unlabelled_mask_count=Count(
                "images__masks", filter=Q(images__masks__label__isnull=True), distinct=True
            ),
        )
    }
    states: dict[int, dict[str, int]] = {
        project.pk: {"queued": 0, "running": 0, "ready": 0, "failed": 0} for project in projects
    }
    in_state = chosen.filter(images__embedding__isnull=False).values("pk", "images__embedding__state")
    for row in in_state.annotate(count=Count("images")):
        states[row["pk"]][row["images__embedding__state"]] = row["count"]

    pace: dict[int, float | None] = {}
    figures = {}
    for project in projects:
        counts = states[project.pk]
        waiting = counts["queued"] + counts["running"]
        if waiting and project.model_id not in pace:
            pace[project.model_id] = _seconds_per_embedding(project)
        seconds = pace.get(project.model_id) if waiting else 0.0
        role = Membership.Role(roles.get(project.pk, Membership.Role.VIEWER))
        figures[project.pk] = {
            "role": role,
            "allowed": changes_allowed(role),
            "image_count": images[project.pk]["image_count"],
            "annotated_image_count": images[project.pk]["annotated_image_count"],
            "mask_count": images[project.pk]["mask_count"],
            "unlabelled_mask_count": images[project.pk]["unlabelled_mask_count"],
            "embedding_counts": counts,
            "embedding_eta_seconds": None if seconds is None else round(waiting * seconds, 1),
        }
    return figures


def _seconds_per_embedding(project: Project) -> float | None:
    """Median of the latest embeddings of the project's model; None before the first one."""
    ready = project.model.embeddings.filter(state="ready", seconds__isnull=False).order_by("-ready_at")
    seconds = [
        float(value) for value in ready.values_list("seconds", flat=True)[:_RECENT] if value is not None
    ]
    return median(seconds) if seconds else None
