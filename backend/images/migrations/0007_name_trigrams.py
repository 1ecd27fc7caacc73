"""On PostgreSQL an index that finds a part of a file's name without reading all names.

It needs the extension pg_trgm, which comes with PostgreSQL and may be made by whoever owns the database. Where it cannot be
had, names are found as before, only slower: a migration must not fail for that.
"""

import logging

from django.db import DatabaseError, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

logger = logging.getLogger("anymask.images")


def index_make(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute(
                "CREATE INDEX IF NOT EXISTS image_name_trigrams ON images_image "
                "USING gin (upper(file_name) gin_trgm_ops)"
            )
    except DatabaseError as error:
        logger.warning("Parts of file names are searched without an index: %s", error)


def index_drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS image_name_trigrams")


class Migration(migrations.Migration):
    dependencies = [("images", "0006_faster_lists")]

    operations = [migrations.RunPython(index_make, index_drop)]
