"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction, which holds the image's work; an exception undoes it.
"""

from django.dispatch import Signal

# keywords: image, masks, a list of them as they are now, editor. They are new, came back or were changed.
masks_saved = Signal()

# keywords: image, mask_ids, a list, editor. They were deleted; not sent when they go with their image.
masks_deleted = Signal()
