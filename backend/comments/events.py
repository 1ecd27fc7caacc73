"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keywords: comment, mentioned (ids of users), takes_part (ids of users). Somebody wrote or changed a comment.
# `mentioned` are those it mentions and did not before; `takes_part` is empty for a change, and for a new comment all
# who wrote in its thread before.
comment_written = Signal()

# keyword: comment. Its text was taken away.
comment_deleted = Signal()
