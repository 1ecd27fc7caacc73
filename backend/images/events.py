"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keyword: image. Its row exists, its files are stored; it has no embedding yet.
image_created = Signal()

# keyword: image. About to be deleted with all that refers to it, for those who keep sums of that. Asked from left to
# right: embeddings hold their row before work holds its own, as everywhere.
image_deleting = Signal()
# keyword: images, a list. Replicas were made, of images whose embedding is known.
replicas_created = Signal()

# keyword: sha256s, a set. Images with these pictures were deleted in this transaction.
images_deleted = Signal()
