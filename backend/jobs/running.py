"""One attempt at a job: its handler is called, what comes of it is noted."""

import logging
from collections.abc import Callable

from backend.common.errors import ApplicationError
from backend.jobs import claims
from backend.jobs.context import JobCancelled, JobContext, JobInterrupted, JobLeaseLost, Level
from backend.jobs.registry import handler_of

logger = logging.getLogger("anymask.jobs")


def job_run(context: JobContext) -> Callable[[], bool]:
    """Does the job; what is returned notes its end, to be called once nothing else writes for this attempt.

    What a handler refuses (ApplicationError) fails for good with its code. Anything else it raises may pass, and is
    tried again while attempts are left.
    """
    # The end is noted after this function: what an error holds on to, a row being read among it, is let go by then.
    job = context.job
    try:
        context.log(f"Attempt {job.attempts} on {job.worker}.")
        result = handler_of(job.kind)(context)
        context.check()
        return lambda: claims.job_succeed(context, result=result)
    except JobLeaseLost:
        context.is_lost = True
        # Nothing is stored: this says only that the file, if any, goes.
        return lambda: claims.job_release(context)
    except JobCancelled:
        return lambda: claims.job_cancelled(context)
    except JobInterrupted:
        context.log("The worker was shut down; another one begins anew.", Level.WARNING)
        return lambda: claims.job_release(context)
    except ApplicationError as error:
        code, message = error.code, error.message
        context.log(message, Level.ERROR)
        return lambda: claims.job_fail(context, code=code, message=message, is_permanent=True)
    except Exception as error:
        logger.exception("job_crashed id=%s kind=%s attempt=%s", job.uuid, job.kind, job.attempts)
        message = f"{type(error).__name__}: {error}"
        context.log(message, Level.ERROR)
        return lambda: claims.job_fail(context, code="job.crashed", message=message, is_permanent=False)
