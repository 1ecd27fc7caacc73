"""The database of a system, asked past the application."""

import sqlite3
from typing import Any

import psycopg2

from tests.workers.processes import System


def connected(system: System) -> Any:
    """A connection on which each statement is one transaction."""
    url = system.environment.get("DATABASE_URL")
    if url:
        connection = psycopg2.connect(url)
        connection.autocommit = True
        return connection
    return sqlite3.connect(system.data_dir / "anymask.sqlite3")
