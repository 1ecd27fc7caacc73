"""What a format could not hold, counted object by object while it is written."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.formats.records import ObjectMask
from backend.formats.rings import mask_parts

# Where it lies in an archive.
ACCOUNT: Final = "losses.json"
# So many of the worst are named; all are counted.
NAMED: Final = 1000


@dataclass(frozen=True)
class Loss:
    """One object that is not in the file as it was; `iou` is that of what is there with what was."""

    mask: int
    uuid: str
    iou: float
    holes_lost: int = 0
    parts_lost: int = 0
    pixels_lost: int = 0
    pixels_added: int = 0


@dataclass
class Losses:
    """The account of one export."""

    objects: int = 0
    changed: int = 0
    dropped: int = 0
    holes_lost: int = 0
    parts_lost: int = 0
    iou_sum: float = 0.0
    # Of pictures, where the format has no place for them.
    tags_lost: int = 0
    # Fields of an object for which the format has no place.
    fields: tuple[str, ...] = ()
    _worst: list[Loss] = field(default_factory=list)

    def kept(self, _mask: ObjectMask) -> None:
        """The object is in the file, pixel by pixel."""
        self.objects += 1
        self.iou_sum += 1.0

    def compared(self, mask: ObjectMask, written: NDArray[np.bool_]) -> None:
        """The object is in the file as these pixels [height, width]."""
        pixels = mask.pixels()
        if np.array_equal(pixels, written):
            self.kept(mask)
            return
        self.objects += 1
        self.changed += 1
        self.dropped += not written.any()
        before, after = mask_parts(pixels), mask_parts(written)
        common = int((pixels & written).sum())
        loss = Loss(
            mask=mask.number,
            uuid=mask.uuid,
            iou=common / int((pixels | written).sum()),
            holes_lost=max(
                0, sum(len(part.holes) for part in before) - sum(len(part.holes) for part in after)
            ),
            parts_lost=max(0, len(before) - len(after)),
            pixels_lost=mask.area - common,
            pixels_added=int(written.sum()) - common,
        )
        self.holes_lost += loss.holes_lost
        self.parts_lost += loss.parts_lost
        self.iou_sum += loss.iou
        self._worst.append(loss)
        if len(self._worst) > 2 * NAMED:
            self._worst = self.worst

    @property
    def worst(self) -> list[Loss]:
        """Of the changed ones those with the lowest IoU, at most `NAMED`."""
        return sorted(self._worst, key=lambda loss: (loss.iou, loss.mask))[:NAMED]

    @property
    def mean_iou(self) -> float:
        """Of all objects; 1 without any."""
        return self.iou_sum / self.objects if self.objects else 1.0

    def report(self, *, named: int = NAMED) -> dict[str, Any]:
        """As it lies beside the export; so many of the worst are named."""
        return {
            "objects": self.objects,
            "changed": self.changed,
            "dropped": self.dropped,
            "holes_lost": self.holes_lost,
            "parts_lost": self.parts_lost,
            "mean_iou": self.mean_iou,
            "tags_lost": self.tags_lost,
            "fields_without_a_place": list(self.fields),
            "worst": [vars(loss) for loss in self.worst[:named]],
        }
