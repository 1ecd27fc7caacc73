"""The experiments a project can be measured by: what people are told of them, what may be set, which figures count.

How they are done the models say (`models.sam.evaluation.tasks`), under the same names; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

# What a report calls a project's masks: an evaluation's only data set.
DATASET: Final = "accepted masks"


@dataclass(frozen=True)
class Setting:
    """A whole number that may be set, within bounds."""

    name: str
    title: str
    about: str
    default: int
    least: int
    most: int


@dataclass(frozen=True)
class KeyFigure:
    """A number of the report that people look at first: what it is called, and where it stands in the report."""

    name: str
    path: tuple[str, ...]

    @property
    def key(self) -> str:
        """Tells the figures of a task apart."""
        return ".".join(self.path)

    def value(self, report: Mapping[str, Any]) -> float | None:
        """None where the report has no such number: there was nothing to count, or nothing to compare with."""
        found: Any = report
        for step in self.path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return float(found) if isinstance(found, int | float) else None


@dataclass(frozen=True)
class EvaluationTask:
    """One experiment. The first of its figures is the one that stands for it."""

    name: str
    title: str
    about: str
    settings: tuple[Setting, ...]
    figures: tuple[KeyFigure, ...]


MAX_IMAGES: Final = Setting(
    "max_images",
    "Images at most",
    "Which ones follows from the pictures alone: two evaluations with the same number look at the same.",
    default=100,
    least=1,
    most=1000,
)
MAX_MASKS: Final = Setting(
    "max_masks_per_image",
    "Masks of an image at most",
    "Which ones follows from the masks alone.",
    default=20,
    least=1,
    # Every mask is compared with every other.
    most=30,
)
POINTS: Final = Setting(
    "points_per_side",
    "Points along each side of the grid",
    "The paper asks 64 x 64 points; half as many along a side take a quarter of the time.",
    default=32,
    least=1,
    most=64,
)

THRESHOLDS: Final = Setting(
    "thresholds",
    "Thresholds",
    "Levels at which soft edges are cut; the benchmark takes 99, a third of them gives nearly the same figures.",
    default=33,
    least=1,
    most=99,
)

_SIZES: Final = ("small", "medium", "large")


def _neighbours(count: int) -> KeyFigure:
    return KeyFigure(f"Same label @{count}", ("datasets", DATASET, f"precision_{count}"))


def _clicked(name: str, *path: str) -> KeyFigure:
    """Of clicks that begin at the centre, answered by the mask that ranks first."""
    return KeyFigure(name, ("first_click", "centre", "ways", "top", *path))


TASKS: Final[Mapping[str, EvaluationTask]] = {
    task.name: task
    for task in (
        EvaluationTask(
            "single-point",
            "Masks from single points",
            "How near does the model come to the accepted masks with one click, and with up to nine? How many clicks "
            "does a mask take until it is good?",
            (MAX_IMAGES, MAX_MASKS),
            (
                _clicked("IoU, 1 click", "miou", "1"),
                KeyFigure(
                    "IoU, 1 click, best of 3", ("first_click", "centre", "ways", "oracle", "miou", "1")
                ),
                *(_clicked(f"IoU, {count} clicks", "miou", str(count)) for count in (3, 5, 9)),
                _clicked("Clicks to IoU .85", "noc", "85", "clicks"),
                _clicked("Clicks to IoU .90", "noc", "90", "clicks"),
                KeyFigure("IoU, box", ("box_miou",)),
            ),
        ),
        EvaluationTask(
            "edges",
            "Edge detection",
            "Do the edges of the model's own masks follow the outlines of the accepted ones? Where not everything is "
            "masked, edges of other things count as wrong.",
            (replace(MAX_IMAGES, default=30, most=300), THRESHOLDS),
            (
                KeyFigure("ODS", ("figures", "model", "ods")),
                KeyFigure("OIS", ("figures", "model", "ois")),
                KeyFigure("AP", ("figures", "model", "average_precision")),
                KeyFigure("R50", ("figures", "model", "recall_at_half")),
                KeyFigure("ODS, masks that agree", ("figures", "agreement", "ods")),
                KeyFigure("ODS, Canny", ("figures", "canny", "ods")),
            ),
        ),
        EvaluationTask(
            "proposals",
            "Object proposals",
            "Of the accepted masks, how many does the model find by itself, asked at a grid of points? The more, the "
            "more a run of proposals saves.",
            (replace(MAX_IMAGES, default=50, most=500), POINTS),
            (
                KeyFigure("AR@1000", ("ar", "three", "1000", "all")),
                *(KeyFigure(f"AR@1000, {size}", ("ar", "three", "1000", size)) for size in _SIZES),
                KeyFigure("AR@100", ("ar", "three", "100", "all")),
                KeyFigure("AR@10", ("ar", "three", "10", "all")),
                KeyFigure("Proposals an image", ("proposals", "three")),
            ),
        ),
        EvaluationTask(
            "instances",
            "Instance segmentation",
            "How well do the model's masks fit, given the box of each accepted mask, and given the boxes of its own "
            "detector, where it has one?",
            (MAX_IMAGES,),
            (
                KeyFigure("AP, true boxes", ("ap", "truth", "refined", "ap")),
                KeyFigure("AP50, true boxes", ("ap", "truth", "refined", "ap_50")),
                KeyFigure("AP75, true boxes", ("ap", "truth", "refined", "ap_75")),
                *(
                    KeyFigure(f"AP, true boxes, {size}", ("ap", "truth", "refined", f"ap_{size}"))
                    for size in _SIZES
                ),
                KeyFigure("AP, the detector's boxes", ("ap", "detector", "refined", "ap")),
            ),
        ),
        EvaluationTask(
            "probe",
            "Latent probing: nearest neighbours of masks",
            "Do masks that look alike to the model carry the same label? The better, the more the search for similar "
            "masks is worth. It needs at least two labels.",
            (replace(MAX_IMAGES, most=200), MAX_MASKS),
            (*map(_neighbours, (1, 5, 10)), KeyFigure("By chance", ("datasets", DATASET, "chance"))),
        ),
    )
}
