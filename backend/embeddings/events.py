"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keyword: images, a QuerySet. Their embeddings are others now, or in another state.
embeddings_changed = Signal()
