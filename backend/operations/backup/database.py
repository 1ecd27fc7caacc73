"""The database into a file and back: PostgreSQL by its own programs, SQLite by its own backup."""

import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from backend.common.errors import Unavailable
from backend.config.env import environment_with

# Written by `migrate` into every database.
_OF_MIGRATE: Final = {"django_migrations", "django_content_type", "auth_permission"}

# All that the restored database brings along goes in the transaction that brings it. Who is connected still and reads is
# waited for, but not for ever.
_CLEAR: Final = """
SET lock_timeout = '20s';
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()
  LOOP EXECUTE format('DROP TABLE %I CASCADE', one.name); END LOOP;
  FOR one IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = current_schema()
  LOOP EXECUTE format('DROP SEQUENCE %I CASCADE', one.name); END LOOP;
END $$;
"""


def server_version() -> str:
    return ".".join(map(str, connection.get_database_version()))


def table_counts() -> dict[str, int]:
    """Rows by table, of all tables."""
    counts = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")  # nosec B608 # quoted names of ours
            counts[name] = cursor.fetchone()[0]
    return counts


def is_database_empty() -> bool:
    """Whether it holds nothing but what `migrate` writes, or nothing at all."""
    return not any(count for name, count in table_counts().items() if name not in _OF_MIGRATE)


def migrations_applied() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def migrations_unknown(applied: list[str]) -> list[str]:
    """Those of the migrations that this code does not have, of apps that it has."""
    known = MigrationLoader(None).disk_migrations
    apps = {app for app, _ in known}
    split = [tuple(one.split(".", 1)) for one in applied]
    return [".".join(one) for one in split if one[0] in apps and one not in known]


def database_dump(path: Path) -> None:
    """Writes the database, as the snapshot around this call sees it, to a new file. Raises Unavailable
    `backup.program_missing`, `backup.program_failed`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
        # Comments on extensions are their owner's to make, who is rarely who restores.
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
        _run("pg_dump", *options, f"--snapshot={snapshot}", f"--file={path}")
        # Reads its table of contents.
        _run("pg_restore", "--list", str(path), is_connecting=False)
    else:
        copy = sqlite3.connect(path)
        try:
            connection.connection.backup(copy)
            # The mode is the file's own. Without a log beside it a copy can be read where nothing may be written.
            copy.execute("PRAGMA journal_mode=DELETE")
            [[found]] = copy.execute("PRAGMA quick_check(1)")
            if found != "ok":
                raise Unavailable(f"The database is damaged: {found}", "backup.database_damaged")
        finally:
            copy.close()


def database_replace(path: Path) -> None:
    """Puts the database in the file in the place of the present one, as a whole or not at all. Raises Unavailable as
    `database_dump`."""
    connection.close()
    if connection.vendor == "postgresql":
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            clear, script = Path(folder, "clear.sql"), Path(folder, "script.sql")
            clear.write_text(_CLEAR)
            # By way of a file: a pipe that breaks looks to psql like the end, and half a database would be kept.
            options = ["--no-owner", "--no-privileges", f"--file={script}"]
            _run("pg_restore", *options, str(path), is_connecting=False)
            options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
            _run("psql", *options, f"--file={clear}", f"--file={script}")
    else:
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        target = sqlite3.connect(connection.settings_dict["NAME"], timeout=20)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()


def _run(program: str, *arguments: str, is_connecting: bool = True) -> None:
    """Runs one of PostgreSQL's programs, if need be with our connection's address and password."""
    (_, *address), environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *arguments, *(address if is_connecting else [])]
    try:
        result = subprocess.run(
            command,
            env=environment_with(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Unavailable(
            f"{program} is not installed: it comes with PostgreSQL's client programs.",
            "backup.program_missing",
        ) from error
    if result.returncode:
        said = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
        raise Unavailable(f"{program} failed: {' '.join(said[:3])[:500]}", "backup.program_failed")
