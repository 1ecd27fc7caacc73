"""One image of the many that a job looks at: what is wrong with it keeps no other from its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError

from backend.common.errors import ApplicationError, NotFound
from backend.jobs.context import JobContext, JobStopped, Level

logger = logging.getLogger("anymask.images")

Found = TypeVar("Found")


def looked(context: JobContext, noun: str, name: str, look: Callable[[], Found]) -> tuple[Found | None, str]:
    """(what `look` answers, ""); where the image called `name` cannot be looked at (None, why), and a line in the job's
    log: `<noun>.image_missing`, `<noun>.image_unusable` or `<noun>.compute_failed`.

    Raises JobStopped and DatabaseError, which are nothing of the image's.
    """
    try:
        return look(), ""
    except (JobStopped, DatabaseError):
        raise
    except NotFound as error:
        code, text = f"{noun}.image_missing", error.message
    except (OSError, ValueError, ApplicationError) as error:
        # Decoders raise these for files they cannot read, generators of masks for pictures too small for their crops.
        code, text = f"{noun}.image_unusable", str(error)
    except Exception as error:
        # Out of memory is the common one.
        logger.exception("image_failed noun=%s image=%s job=%s", noun, name, context.job.uuid)
        code, text = f"{noun}.compute_failed", f"{type(error).__name__}: {error}"
    context.log(f"{name}: {text}", Level.WARNING)
    return None, code
