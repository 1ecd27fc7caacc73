"""How a process ends that cannot start: with the sentence that says why, and no traceback from the depths."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured


@contextmanager
def refusals_in_one_line(exit_code: int = 1) -> Iterator[None]:
    """Where what is inside finds the settings wrong, says so in one line on stderr and exits with this code."""
    try:
        yield
    except ImproperlyConfigured as error:
        print(f"anymask: {error}", file=sys.stderr, flush=True)  # noqa: T201 - logging is not set up yet
        sys.exit(exit_code)
