"""The one way a launch step ends early: a single clear line and exit code 1."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class LaunchError(Exception):
    """Something the person at the keyboard has to change; the message is one sentence saying what."""


@contextmanager
def plain_disk_errors(where: str) -> Iterator[None]:
    """Turns "no space left" and "not writable" on `where` into a LaunchError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LaunchError(
                f"the disk holding {where} is full; free some space and start again."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise LaunchError(f"{where} cannot be written to ({error.strerror}).") from error
        raise
