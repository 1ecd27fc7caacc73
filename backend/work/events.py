"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keywords: item, actor. The work was handed in for a review.
work_submitted = Signal()

# keywords: item, actor, reason. A reviewer accepted or rejected the work; its status says which.
work_reviewed = Signal()

# keywords: project, actor, counts, a dict of user id to number. Images were assigned to people by hand.
work_assigned = Signal()
