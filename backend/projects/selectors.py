from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from backend.common.errors import NotFound
from backend.projects.models import Label, Membership, Project
from backend.projects.permissions import REVIEWERS, changes_allowed
from backend.tallies.families import STORAGE
from backend.tallies.models import Tally, TallyChange
from backend.tallies.selectors import family_sums, label_sum, tally_sums
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
    return _with_counts(project.labels.order_by("category_id")).prefetch_related("attributes")


def _with_counts(labels: QuerySet[Label]) -> QuerySet[Label]:
    """With `mask_count`, as `tally_sums` has it."""
    return labels.annotate(
        mask_count=Coalesce(Subquery(label_sum(Tally, OuterRef("pk"))), 0)
        + Coalesce(Subquery(label_sum(TallyChange, OuterRef("pk"))), 0)
    )


def label_get(*, user: User, label_id: int) -> Label:
    """One label with `mask_count`. Raises NotFound `label.not_found`."""
    labels = _with_counts(Label.objects.filter(project__memberships__user=user))
    label = labels.select_related("project").filter(pk=label_id).first()
    if label is None:
        raise NotFound("There is no such label.", "label.not_found")
    return label


def project_figures(*, projects: Iterable[Project], user: User) -> dict[int, dict[str, Any]]:
    """By project id: role of `user` and what it allows, image, mask and embedding counts, seconds until all embeddings
    are ready.

    Eight queries at most for any number of projects and images; masks are not counted but looked up.
    """
    projects = list(projects)
    chosen = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by()
    roles = dict(chosen.filter(memberships__user=user).values_list("pk", "memberships__role"))
    images = _image_counts([project.pk for project in projects], chosen, roles, user)
    sums = tally_sums(project_ids=images)
    states = _embedding_counts(chosen, images)

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
            "image_count": images[project.pk],
            "annotated_image_count": sums[project.pk].annotated_images,
            "mask_count": sums[project.pk].masks,
            "unlabelled_mask_count": sums[project.pk].masks_by_label[None],
            "embedding_counts": counts,
            "embedding_eta_seconds": None if seconds is None else round(waiting * seconds, 1),
        }
    return figures


def project_embedding_figures(*, project: Project) -> tuple[dict[str, int], float | None]:
    """Images by state of their embedding, and seconds until all are ready. Four queries at most."""
    chosen = Project.objects.filter(pk=project.pk).order_by()
    counts = _embedding_counts(chosen, _original_counts([project.pk]))[project.pk]
    return counts, waiting_seconds(project=project, waiting=counts["queued"] + counts["running"])


def waiting_seconds(*, project: Project, waiting: int) -> float | None:
    """Seconds until so many embeddings by the project's model are ready; None before the first one is."""
    seconds = _seconds_per_embedding(project) if waiting else 0.0
    return None if seconds is None else round(waiting * seconds, 1)


def _image_counts(
    project_ids: list[int], projects: QuerySet[Project], roles: Mapping[int, str], user: User
) -> dict[int, int]:
    """Images as `user` is shown them. A replica stands in its original's place; where that is withheld from them, it is
    one more."""
    counts = _original_counts(project_ids)
    reviewed = {pk for pk, role in roles.items() if role in REVIEWERS}
    if others := counts.keys() - reviewed:
        chosen = projects.filter(pk__in=others)
        hidden = _counted(chosen.filter(images__original__isnull=True, images__is_withheld=True))
        extra = _counted(chosen.filter(images__annotator=user, images__original__is_withheld=True))
        for pk in others:
            counts[pk] += extra.get(pk, 0) - hidden.get(pk, 0)
    return counts


def _original_counts(project_ids: list[int]) -> dict[int, int]:
    """Images that are no replicas: looked up, as counting hundreds of thousands takes longer than all the rest."""
    sums = family_sums(STORAGE, by=["project_id"], filters={"project_id__in": project_ids})
    return {pk: sums.get((pk,), Counter())["images"] for pk in project_ids}


def _counted(projects: QuerySet[Project]) -> dict[int, int]:
    """Images by project, of those that a filter joined."""
    return dict(projects.values_list("pk").annotate(count=Count("images")))


def _embedding_counts(projects: QuerySet[Project], images: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """Images by state of their embedding. Nearly all are ready, and those are not counted: they are the rest. An image
    that has no embedding yet will be queued for one."""
    counts = {pk: {"queued": 0, "running": 0, "ready": count, "failed": 0} for pk, count in images.items()}
    unready = projects.filter(
        images__original__isnull=True, images__embedding__state__in=["queued", "running", "failed"]
    )
    none_yet = projects.filter(
        images__isnull=False, images__original__isnull=True, images__embedding__isnull=True
    )
    rows = [
        *unready.values_list("pk", "images__embedding__state").annotate(count=Count("images")),
        *none_yet.annotate(state=Value("queued"), count=Count("images")).values_list("pk", "state", "count"),
    ]
    for pk, state, count in rows:
        counts[pk][state] += count
        counts[pk]["ready"] -= count
    return counts


def _seconds_per_embedding(project: Project) -> float | None:
    """Median of the latest embeddings of the project's model; None before the first one."""
    ready = project.model.embeddings.filter(state="ready", seconds__isnull=False).order_by("-ready_at")
    seconds = [
        float(value) for value in ready.values_list("seconds", flat=True)[:_RECENT] if value is not None
    ]
    return median(seconds) if seconds else None
