"""What vectors do when masks come and go."""

import uuid
from collections.abc import Sequence

from backend.annotations.events import masks_deleted, masks_saved
from backend.annotations.models import Mask
from backend.likeness.services import vectors_forget, vectors_forget_reshaped


def on_masks_saved(*, masks: Sequence[Mask], **_: object) -> None:
    # A new mask has none to forget.
    vectors_forget_reshaped(mask_ids=[mask.pk for mask in masks if mask.revision > 1])


def on_masks_deleted(*, mask_ids: Sequence[uuid.UUID], **_: object) -> None:
    vectors_forget(mask_ids=mask_ids)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    masks_saved.connect(on_masks_saved, dispatch_uid="likeness.masks_saved")
    masks_deleted.connect(on_masks_deleted, dispatch_uid="likeness.masks_deleted")
