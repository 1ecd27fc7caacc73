"""What this app announces to apps further right, which it must not import.

Receivers run inside the announcing transaction; an exception undoes it.
"""

from django.dispatch import Signal

# keyword: job. It succeeded, failed for good or was cancelled: `job.state` says which.
job_finished = Signal()
