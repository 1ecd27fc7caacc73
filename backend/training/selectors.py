from collections.abc import Iterable
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
    """What a run is made of."""

    train_images: int
    train_masks: int
    val_images: int
    val_masks: int


def accepted_images(*, projects: Iterable[Project]) -> QuerySet[Image]:
    """The images whose masks are learned from or measured by: accepted, with masks. No replicas."""
    chosen = Image.objects.filter(project__in=projects, original=None, work__status="accepted")
    return chosen.filter(work__mask_count__gt=0).order_by("pk")


def material_of(*, projects: Iterable[Project]) -> Material:
    """Counts of the accepted images and their masks by side; pictures that are new to training are dealt to one."""
    rows = _accepted_rows(projects)
    return _material(rows, sides_assigned({sha256 for sha256, _ in rows}))


def material_expected(*, projects: Iterable[Project]) -> Material:
    """The same, as it would be now: no picture is dealt by looking."""
    rows = _accepted_rows(projects)
    return _material(rows, sides_expected({sha256 for sha256, _ in rows}))


def _accepted_rows(projects: Iterable[Project]) -> list[tuple[str, int]]:
    """SHA-256 and number of masks of each accepted image."""
    return list(accepted_images(projects=projects).values_list("sha256", "work__mask_count"))


def _material(rows: list[tuple[str, int]], sides: dict[str, Side]) -> Material:
    train = [count for sha256, count in rows if sides[sha256] == Side.TRAIN]
    val = [count for sha256, count in rows if sides[sha256] == Side.VAL]
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
