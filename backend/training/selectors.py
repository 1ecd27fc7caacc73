from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.common.errors import NotFound
from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.training.models import ModelChange, Side, TrainingRun
from backend.training.splits import sides_assigned, sides_expected
from backend.users.models import User


@dataclass(frozen=True)
class Material:
    """What a run is made of: train of all its projects, val of the one it is started in."""

    train_images: int
    train_masks: int
    val_images: int
    val_masks: int


def accepted_images(*, projects: Iterable[Project]) -> QuerySet[Image]:
    """The images whose masks are learned from or measured by: accepted, with masks. No replicas."""
    chosen = Image.objects.filter(project__in=projects, original=None, work__status="accepted")
    return chosen.filter(work__mask_count__gt=0).order_by("pk")


def material_sides(
    *, project: Project, projects: Iterable[Project], is_dealt: bool = True
) -> dict[str, Side]:
    """The side of each picture that is accepted in `projects`; those that are new to training are dealt to one, or where
    not `is_dealt` are told where they would be.

    Project by project, `project` first, so that each has some on either side, to be measured by on its own.
    """
    sides: dict[str, Side] = {}
    for one in sorted(projects, key=lambda other: (other.pk != project.pk, other.pk)):
        sha256s = set(accepted_images(projects=[one]).values_list("sha256", flat=True))
        sides |= sides_assigned(sha256s) if is_dealt else sides_expected(sha256s, sides)
    return sides


def material_images(*, project: Project, projects: Iterable[Project], sides: Mapping[str, Side]) -> list[int]:
    """Keys of the images that a run of `project` is made of: those of train in all `projects`, those of val in `project`
    alone, which is to get the model and whose pictures its managers may see."""
    rows = accepted_images(projects=projects).values_list("pk", "sha256", "project")
    # What was accepted since the sides were dealt is none of the run's.
    return [
        pk
        for pk, sha256, owner in rows
        if sides.get(sha256) == Side.TRAIN or (sides.get(sha256) == Side.VAL and owner == project.pk)
    ]


def material_of(*, project: Project, projects: Iterable[Project], is_dealt: bool = True) -> Material:
    """Counts of the images that a run of `project` would be made of, and of their masks; where not `is_dealt`, no picture
    is dealt to a side by looking."""
    projects = list(projects)
    sides = material_sides(project=project, projects=projects, is_dealt=is_dealt)
    chosen = set(material_images(project=project, projects=projects, sides=sides))
    rows = accepted_images(projects=projects).values_list("pk", "sha256", "work__mask_count")
    counts: dict[Side, list[int]] = {side: [] for side in Side}
    for pk, sha256, masks in rows:
        if pk in chosen:
            counts[sides[sha256]].append(masks)
    train, val = counts[Side.TRAIN], counts[Side.VAL]
    return Material(len(train), sum(train), len(val), sum(val))


def run_list(*, project: Project) -> QuerySet[TrainingRun]:
    """The runs that were started in the project, with what is shown of them."""
    return _shown(TrainingRun.objects.filter(project=project))


def run_get(*, user: User, run_id: int) -> TrainingRun:
    """One run. Raises NotFound `training.not_found`, also for those who are not members of its project."""
    mine = Membership.objects.filter(user=user).values("project")
    run = _shown(TrainingRun.objects.filter(project__in=mine)).filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such training run.", "training.not_found")
    return run


def _shown(runs: QuerySet[TrainingRun]) -> QuerySet[TrainingRun]:
    joined = runs.select_related("job__created_by", "project", "parent", "result")
    return joined.prefetch_related("projects")


def model_changes(*, project: Project) -> QuerySet[ModelChange]:
    """The models the project had, the newest change first."""
    changes = ModelChange.objects.filter(project=project)
    return changes.select_related("before", "after", "actor").order_by("-pk")


def model_before(*, project: Project) -> ModelVersion | None:
    """What rolling back leads to: the model before the latest change that was not rolled back itself."""
    stack: list[ModelVersion] = []
    for change in reversed(list(model_changes(project=project))):
        if change.reason == ModelChange.Reason.ROLLED_BACK:
            stack.pop()
        else:
            stack.append(change.before)
    return stack[-1] if stack else None
