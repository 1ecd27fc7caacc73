"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keywords: project, before (the version it had), actor (or None), reason (of `project_update`). Its `model` was set to
# another version.
project_model_changed = Signal()

# keyword: project. About to be deleted, with everything in it.
project_deleting = Signal()

# keywords: project, user. Somebody is no longer a member.
member_left = Signal()
