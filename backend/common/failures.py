"""What the parts we stand on raise when they are away or full, told apart without importing their clients."""

import errno
import sqlite3
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
# PostgreSQL's disk_full.
_FULL_STATE: Final = "53100"


def is_storage_full(error: BaseException | None) -> bool:
    """True for what a full disk or an exhausted quota raises, also through the database."""
    if isinstance(error, DatabaseError):
        return is_storage_full(error.__cause__)
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if isinstance(error, OSError):
        return error.errno in _FULL
    return getattr(error, "pgcode", None) == _FULL_STATE


def is_database_away(error: BaseException) -> bool:
    """True for what is raised where a connection to the database cannot be made, or broke."""
    return isinstance(error, OperationalError | InterfaceError)


def is_bucket_away(error: BaseException) -> bool:
    """True for what a bucket's client raises where the bucket does not answer, or fails."""
    return any(
        kind.__module__.startswith(("botocore.exceptions", "boto3.exceptions"))
        for kind in type(error).__mro__
    )


def is_cache_away(error: BaseException) -> bool:
    """True for what Redis' client raises where Redis does not answer, or is busy with starting."""
    return any(kind.__module__.startswith("redis.exceptions") for kind in type(error).__mro__)
