"""Everything that is read of one moment, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """What is read inside is of one moment; nobody waits for it, and it waits for nobody. In a transaction it adds
    nothing.

    Elsewhere a transaction takes SQLite's one lock of those who write; this one does not.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with repeatable_read():
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


@contextmanager
def repeatable_read() -> Iterator[None]:
    """A transaction that sees nothing of what others store meanwhile, and fails (OperationalError) where it would write
    over that. SQLite lets nobody else write during any."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
