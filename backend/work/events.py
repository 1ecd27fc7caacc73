"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keywords: item, actor. The work on an image was handed in; or taken back before anybody judged it.
work_submitted = Signal()
work_withdrawn = Signal()

# keywords: project, user. Somebody is about to be given a new image, and there is one. A receiver may answer with an
# item, ready and theirs alone, which they are given instead.
work_pulling = Signal()

# keywords: item, actor, reason. A reviewer accepted or rejected the work; its status says which.
work_reviewed = Signal()

# keywords: project, actor, counts, a dict of user id to number. Images were assigned to people by hand.
work_assigned = Signal()
