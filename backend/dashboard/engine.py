"""The data engine round by round: whether people get faster, masks more and models better as the project's model is
retrained on what they made (Segment Anything, section 4)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from backend.annotations.models import Mask
from backend.dashboard.rounds import Round, round_of_day, round_of_moment, rounds_of
from backend.projects.models import Project
from backend.proposals.selectors import run_outcomes
from backend.tallies.families import IMAGES, MASKS
from backend.tallies.selectors import family_sums
from backend.training.models import TrainingRun

_BY_HAND: Final = Mask.Stage.ASSISTED_MANUAL
_OUTCOMES: Final = ("open", "untouched", "fixed", "rejected")


def engine(*, project: Project) -> dict[str, Any]:
    """`rows`, one for each round, the oldest first; see `EngineRowSerializer`. Masks, images and proposals that are there
    now.

    One statement each for the rounds, masks, images, proposals and trainings. Masks and images are split between rounds
    as far as sums by day allow: see `round_of_day`.
    """
    rounds = rounds_of(project=project)
    masks: dict[int, dict[str, Counter[str]]] = {one.number: {} for one in rounds}
    images: Counter[int] = Counter()
    proposals: dict[int, Counter[str]] = {one.number: Counter() for one in rounds}
    wanted = {"project_id": project.pk}
    for (day, model_id, stage), sums in family_sums(
        MASKS, by=["day", "model_version_id", "stage"], filters=wanted
    ).items():
        number = round_of_day(rounds, day=day, model_id=model_id).number
        masks[number].setdefault(stage, Counter()).update(sums)
    for (day, model_id), sums in family_sums(IMAGES, by=["day", "model_version_id"], filters=wanted).items():
        images[round_of_day(rounds, day=day, model_id=model_id).number] += sums["annotated_images"]
    for run in run_outcomes(project=project):
        number = round_of_moment(rounds, at=run["created_at"], model_id=run["model_id"]).number
        proposals[number].update({name: run[name] for name in _OUTCOMES})
    trainings = _trainings(project)
    return {
        "rows": [
            {
                **_told(one),
                **_of_masks(masks[one.number], images[one.number]),
                **_of_proposals(proposals[one.number]),
                **_of_training(trainings.get(one.model.pk)),
            }
            for one in rounds
        ]
    }


def _told(one: Round) -> dict[str, Any]:
    return {
        "key": str(one.number),
        "name": str(one.model),
        "reason": one.reason,
        "retrained_from": str(one.model.parent) if one.model.parent else None,
        "since": one.since,
        "until": one.until,
    }


def _of_masks(by_stage: Mapping[str, Mapping[str, int]], images: int) -> dict[str, Any]:
    by_hand: Mapping[str, int] = by_stage.get(_BY_HAND, {})
    given: Counter[str] = sum(
        (Counter(sums) for stage, sums in by_stage.items() if stage != _BY_HAND), Counter()
    )
    timed = by_hand.get("timed_masks", 0)
    seconds = by_hand.get("milliseconds", 0) / 1000
    masks = by_hand.get("masks", 0) + given["masks"]
    return {
        "images": images,
        "masks": masks,
        "masks_per_image": _per(masks, images),
        "hand_masks": timed,
        "seconds_per_mask": _per(seconds, timed),
        "clicks_per_mask": _per(by_hand.get("timed_clicks", 0), timed),
        "seconds_per_any_mask": _per(seconds + given["milliseconds"] / 1000, timed + given["masks"]),
        "prefilled": given["masks"],
        "prefilled_untouched": given["untouched_masks"],
        "prefilled_fixed": given["masks"] - given["untouched_masks"],
        "prefilled_share": _per(given["masks"], masks),
    }


def _of_proposals(counts: Mapping[str, int]) -> dict[str, Any]:
    decided = sum(counts.get(name, 0) for name in _OUTCOMES if name != "open")
    return {f"proposals_{name}": counts.get(name, 0) for name in _OUTCOMES} | {
        f"{name}_share": _per(counts.get(name, 0), decided) for name in _OUTCOMES if name != "open"
    }


def _of_training(run: TrainingRun | None) -> dict[str, Any]:
    """What the model of a round was retrained on, and how it was measured; nothing for a model that was not made here."""
    counts = ("train_images", "train_masks", "val_images", "val_masks")
    metrics = run.metrics if run else {}
    difference = metrics.get("difference", {})
    return {
        "miou": metrics.get("child", {}).get("mean_miou"),
        "miou_before": metrics.get("parent", {}).get("mean_miou"),
        "miou_difference": difference.get("mean"),
        "miou_low": difference.get("low"),
        "miou_high": difference.get("high"),
        "is_held_out": difference.get("is_held_out"),
        "verdict": (run.verdict or None) if run else None,
        **{name: getattr(run, name) if run else None for name in counts},
    }


def _trainings(project: Project) -> dict[int, TrainingRun]:
    """By the model that came of it: the latest run of the project. Those of others measured by other images."""
    runs = TrainingRun.objects.filter(project=project, result__isnull=False).defer("curve").order_by("pk")
    return {run.result_id: run for run in runs if run.result_id}


def _per(amount: float, count: int) -> float | None:
    return amount / count if count else None
