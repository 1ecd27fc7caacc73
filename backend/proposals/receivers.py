"""What proposals do when masks come and go: whoever saves one with a proposal's uuid accepted that proposal."""

import uuid
from collections.abc import Sequence

from backend.annotations.events import masks_deleted, masks_saved
from backend.annotations.models import Mask
from backend.images.models import Image
from backend.proposals.marking import proposals_accepted, proposals_withdrawn
from backend.users.models import User


def on_masks_saved(*, image: Image, masks: Sequence[Mask], editor: User, **_: object) -> None:
    proposals_accepted(image_id=image.pk, masks=masks, editor=editor)


def on_masks_deleted(*, image: Image, mask_ids: Sequence[uuid.UUID], editor: User, **_: object) -> None:
    proposals_withdrawn(image_id=image.pk, mask_ids=mask_ids, editor=editor)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    masks_saved.connect(on_masks_saved, dispatch_uid="proposals.masks_saved")
    masks_deleted.connect(on_masks_deleted, dispatch_uid="proposals.masks_deleted")
