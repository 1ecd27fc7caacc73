"""What is counted of a release while it is written: sums and bins, in the same memory for any number of masks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Final

from backend.formats.records import UNLABELLED, ObjectMask, Picture
from backend.images.models import Image
from backend.release.shapes import concavity

BINS: Final = 20
# Of the map of masks' centres, each way.
CELLS: Final = 32
# Of masks on an image, as the paper tells them (figure 6), the last one open.
MASKS_PER_IMAGE: Final = ((0, 0), (1, 10), (11, 50), (51, 100), (101, 200), (201, None))
# More different ones are counted together.
MOST_LICENCES: Final = 200


@dataclass
class Range:
    """Of numbers that come one by one."""

    count: int = 0
    total: float = 0.0
    least: float = 0.0
    most: float = 0.0

    def add(self, value: float) -> None:
        self.least = min(self.least, value) if self.count else value
        self.most = max(self.most, value) if self.count else value
        self.count += 1
        self.total += value

    def told(self) -> dict[str, float]:
        mean = self.total / self.count if self.count else 0.0
        return {"min": self.least, "mean": mean, "max": self.most}


@dataclass
class Sizes:
    width: Range = field(default_factory=Range)
    height: Range = field(default_factory=Range)
    megapixels: Range = field(default_factory=Range)

    def add(self, width: int, height: int) -> None:
        self.width.add(width)
        self.height.add(height)
        self.megapixels.add(width * height / 1e6)

    def told(self) -> dict[str, Any]:
        return {name: getattr(self, name).told() for name in ("width", "height", "megapixels")}


def _bins() -> list[int]:
    return [0] * BINS


def _cells() -> list[list[int]]:
    return [[0] * CELLS for _ in range(CELLS)]


@dataclass
class Counting:
    """All figures of a card that follow from its pictures and masks, as they were written."""

    images: int = 0
    masks: int = 0
    emptied: int = 0
    scaled_images: int = 0
    # How many images have so many masks.
    per_image: Counter[int] = field(default_factory=Counter)
    # Of the root of the mask's share of its image, and of its concavity.
    size_bins: list[int] = field(default_factory=_bins)
    concavity_bins: list[int] = field(default_factory=_bins)
    concavity_sum: float = 0.0
    # Rows from the top: where in the image the middle of the mask's box lies.
    centres: list[list[int]] = field(default_factory=_cells)
    stages: Counter[str] = field(default_factory=Counter)
    models: Counter[str | None] = field(default_factory=Counter)
    categories: Counter[int] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    licences: Counter[str | None] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)
    without_predicted_iou: int = 0
    without_stability_score: int = 0
    without_point: int = 0
    shown: Sizes = field(default_factory=Sizes)
    released: Sizes = field(default_factory=Sizes)
    blurred_images: Counter[str] = field(default_factory=Counter)
    blurred_regions: Counter[str] = field(default_factory=Counter)
    detectors: Counter[str] = field(default_factory=Counter)
    not_looked_at: int = 0
    originals_kept: int = 0
    originals_destroyed: int = 0

    def picture_add(
        self, image: Image, picture: Picture, masks: Sequence[ObjectMask], *, emptied: int
    ) -> None:
        """An image of the project, as it was released, with the masks it has there; `emptied` have no pixel left."""
        self.images += 1
        self.emptied += emptied
        self.per_image[len(masks)] += 1
        self.scaled_images += (picture.width, picture.height) != (image.width, image.height)
        self.shown.add(image.width, image.height)
        self.released.add(picture.width, picture.height)
        self.tags.update(picture.tags)
        note = picture.licence_note
        is_counted = note in self.licences or len(self.licences) < MOST_LICENCES
        self.licences[note if is_counted else None] += 1
        self._privacy_add(image)
        for mask in masks:
            self._mask_add(mask)

    def regions_add(self, kind: str, count: int) -> None:
        self.blurred_regions[kind] += count

    def _privacy_add(self, image: Image) -> None:
        self.blurred_images.update(image.blurred_kinds)
        if not image.blurred_kinds:
            self.not_looked_at += 1
            return
        self.detectors[image.blurred_by] += 1
        if image.source_key:
            self.originals_kept += 1
        else:
            self.originals_destroyed += 1

    def _mask_add(self, mask: ObjectMask) -> None:
        self.masks += 1
        self.stages[mask.stage] += 1
        self.models[mask.model] += 1
        self.categories[mask.category_id] += 1
        if mask.author is not None:
            self.people.add(mask.author)
        self.without_predicted_iou += mask.predicted_iou is None
        self.without_stability_score += mask.stability_score is None
        self.without_point += not any(label == 1 for _, _, label in mask.prompts.get("points", ()))
        self.size_bins[_bin(sqrt(mask.area / (mask.width * mask.height)), BINS)] += 1
        hollow = concavity(mask)
        self.concavity_sum += hollow
        self.concavity_bins[_bin(hollow, BINS)] += 1
        x, y, width, height = mask.bbox
        row = _bin((y + height / 2) / mask.height, CELLS)
        self.centres[row][_bin((x + width / 2) / mask.width, CELLS)] += 1

    def per_image_told(self) -> dict[str, Any]:
        """Mean, median, least and most masks of an image, and images by how many they have."""
        return {
            "mean": self.masks / self.images if self.images else 0.0,
            "median": self._median(),
            "min": min(self.per_image, default=0),
            "max": max(self.per_image, default=0),
            "histogram": [
                {
                    "from": low,
                    "to": high,
                    "images": sum(
                        images
                        for masks, images in self.per_image.items()
                        if masks >= low and (high is None or masks <= high)
                    ),
                }
                for low, high in MASKS_PER_IMAGE
            ],
        }

    def _median(self) -> float:
        """The middle one, or the mean of the two in the middle."""
        places = {(self.images - 1) // 2, self.images // 2} if self.images else set()
        passed, found = 0, []
        for masks, images in sorted(self.per_image.items()):
            found += [masks for place in places if passed <= place < passed + images]
            passed += images
        return sum(found) / len(found) if found else 0.0

    def labels_told(self, names: dict[int, str]) -> list[dict[str, Any]]:
        """The most frequent first; null is no label."""
        told = {
            None if number == UNLABELLED.category_id else names.get(number): count
            for number, count in self.categories.most_common()
        }
        return shares(told, "label", "masks", self.masks)


def shares(counts: dict[Any, int] | Counter[Any], name: str, of: str, total: int) -> list[dict[str, Any]]:
    """The most frequent first, with their share of `total`."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return [{name: value, of: count, "share": count / total if total else 0.0} for value, count in ordered]


def _bin(value: float, bins: int) -> int:
    """Of 0 to 1, 1 in the last one."""
    return min(int(value * bins), bins - 1)
