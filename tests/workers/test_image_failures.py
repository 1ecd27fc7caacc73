"""What is told of an image that cannot be looked at, and what is not the image's."""

from typing import NoReturn

import pytest
from django.db import DatabaseError

from backend.common.errors import Conflict, NotFound
from backend.jobs.context import JobCancelled, JobContext
from backend.jobs.models import Job
from workers.image_failures import looked


def raising(error: Exception) -> NoReturn:
    raise error


@pytest.fixture
def context() -> JobContext:
    return JobContext(Job(kind="test"), "claim")


def test_what_was_found_is_answered_as_it_is(context: JobContext) -> None:
    assert looked(context, "noun", "a.png", lambda: [1, 2]) == ([1, 2], "")
    assert context.lines_take() == []


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (NotFound("It is gone.", "file.missing"), "noun.image_missing", "It is gone."),
        (OSError("no picture"), "noun.image_unusable", "no picture"),
        (ValueError("too small"), "noun.image_unusable", "too small"),
        (Conflict("Not now.", "some.conflict"), "noun.image_unusable", "Not now."),
        (MemoryError("all of it"), "noun.compute_failed", "MemoryError: all of it"),
        (RuntimeError("CUDA"), "noun.compute_failed", "RuntimeError: CUDA"),
    ],
)
def test_what_is_wrong_with_an_image_is_a_code_and_a_warning(
    context: JobContext, error: Exception, code: str, text: str
) -> None:
    assert looked(context, "noun", "a.png", lambda: raising(error)) == (None, code)
    ((_, level, line),) = context.lines_take()
    assert (level, line) == ("warning", f"a.png: {text}")


@pytest.mark.parametrize("error", [JobCancelled(), DatabaseError("locked")])
def test_what_is_not_the_images_ends_the_job(context: JobContext, error: Exception) -> None:
    with pytest.raises(type(error)):
        looked(context, "noun", "a.png", lambda: raising(error))
    assert context.lines_take() == []
