"""The data card: what is in a release, how it came to be, and how good it is, as numbers and as a page.

Its questions are those of "Datasheets for Datasets" (Gebru et al., 2018), which SA-1B's card answers too.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from backend.formats.reading import CARD
from backend.formats.sa1b import UNKNOWN, Sa1b
from backend.projects.models import Project
from backend.quality.check_models import QualityCheck
from backend.quality.checking import CheckFigures
from backend.release.card_blocks import blocks_of
from backend.release.card_markdown import markdown_of
from backend.release.card_page import page_of
from backend.release.card_plots import plots_of
from backend.release.counting import Counting, shares
from backend.release.plots import alone
from backend.work.models import WorkItem

FORMAT: Final = 1
# SA-1B as its paper tells it (Segment Anything, section 5), for who reads the card.
PAPER: Final = {
    "images": 11_000_000,
    "masks": 1_100_000_000,
    "masks_per_image": 100,
    "above_90": 0.94,
    "above_75": 0.97,
    "fully_automatic": 0.991,
}


def card_make(
    *,
    project: Project,
    params: dict[str, Any],
    number: int,
    at: datetime,
    counting: Counting,
    label_names: dict[int, str],
    cited: tuple[QualityCheck, CheckFigures] | None,
    reviewers: int,
) -> dict[str, Any]:
    """As `data_card.json` has it. `number` counts the project's releases, `at` is when it was asked for."""
    return {
        "card_format": FORMAT,
        "name": params["name"],
        "description": params["description"],
        "project": project.name,
        "number": number,
        "date": at.date().isoformat(),
        "licence": params["licence"],
        "made_of": {name: params.get(name) for name in ("statuses", "short_side", "seed")},
        "made_by": {"people": len(counting.people), "reviewers": reviewers},
        "counts": {
            "images": counting.images,
            "masks": counting.masks,
            "images_without_masks": counting.per_image[0],
        },
        "masks_per_image": counting.per_image_told(),
        "mask_size": {"of": "sqrt(mask area / image area), 0 to 1", "bins": counting.size_bins},
        "concavity": {
            "of": "1 - mask area / area of its convex hull, 0 to 1",
            "mean": counting.concavity_sum / counting.masks if counting.masks else 0.0,
            "bins": counting.concavity_bins,
        },
        "centres": {
            "of": "middle of the mask's box in the image, rows from the top",
            "grid": counting.centres,
        },
        "stages": shares(counting.stages, "stage", "masks", counting.masks),
        "models": shares(counting.models, "model", "masks", counting.masks),
        "labels": counting.labels_told(label_names),
        "tags": shares(counting.tags, "tag", "images", counting.images),
        "unknown_values": {
            "written_as": UNKNOWN,
            "predicted_iou": counting.without_predicted_iou,
            "stability_score": counting.without_stability_score,
            "point_coords": counting.without_point,
        },
        "resolution": {
            "as_shown": counting.shown.told(),
            "released": counting.released.told(),
            "scaled_images": counting.scaled_images,
        },
        "image_licences": shares(counting.licences, "note", "images", counting.images),
        "privacy": {
            "blurred": [
                {
                    "kind": kind,
                    "images_looked_at": counting.blurred_images[kind],
                    "regions": counting.blurred_regions[kind],
                }
                for kind in sorted(counting.blurred_images)
            ],
            "detectors": shares(counting.detectors, "detector", "images", counting.images),
            "images_not_looked_at": counting.not_looked_at,
            "originals_kept": counting.originals_kept,
            "originals_destroyed": counting.originals_destroyed,
        },
        "quality_check": cited and _check_told(*cited),
        "lost": {
            "masks_without_pixels": counting.emptied,
            "fields_without_a_place": list(Sa1b.fields_without_a_place),
        },
        "paper": PAPER,
    }


def reviewers_count(image_ids: Sequence[int]) -> int:
    """How many people accepted or rejected these images last. In pieces: there may be hundreds of thousands."""
    found: set[int] = set()
    for start in range(0, len(image_ids), 1000):
        items = WorkItem.objects.filter(pk__in=image_ids[start : start + 1000], reviewer__isnull=False)
        found.update(items.order_by().values_list("reviewer", flat=True).distinct())
    return len(found)


def _check_told(check: QualityCheck, figures: CheckFigures) -> dict[str, Any]:
    assert check.closed_at is not None
    return {
        "name": check.name,
        "begun": check.created_at.date().isoformat(),
        "date": check.closed_at.date().isoformat(),
        "corrections_taken_over": check.applied_at is not None,
        **asdict(figures),
    }


def key_figures(card: dict[str, Any]) -> dict[str, Any]:
    """What a page shows of a finished release."""
    check = card["quality_check"]
    return {
        "number": card["number"],
        "masks_per_image": {name: card["masks_per_image"][name] for name in ("mean", "median", "histogram")},
        "stages": card["stages"],
        "emptied": card["lost"]["masks_without_pixels"],
        "scaled_images": card["resolution"]["scaled_images"],
        "images_not_looked_at": card["privacy"]["images_not_looked_at"],
        "quality_check": check
        and {name: check[name] for name in ("name", "masks", "mean_iou", "above_90", "above_75")},
    }


def card_files(card: dict[str, Any]) -> dict[str, str]:
    """Texts by their path in the archive."""
    plots = plots_of(card)
    blocks = blocks_of(card)
    return {
        CARD: json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
        "data_card.md": markdown_of(card["name"], blocks, plots),
        "data_card.html": page_of(card["name"], blocks, plots),
        **{f"plots/{name}.svg": alone(plot.svg) for name, plot in plots.items()},
    }
