"""Tokens of rest_framework.authtoken, which this project used before, become our own; its table goes."""

import hashlib

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder

OLD_TABLE = "authtoken_token"
NAME = "older token"
SHOWN = 6


def carry_over(apps, schema_editor):
    # Raw introspection and SQL: the old app is no longer installed, so that its models and migrations are not there to
    # depend on; and a new database never had its table.
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if OLD_TABLE not in connection.introspection.table_names(cursor):
            return
        table = connection.ops.quote_name(OLD_TABLE)
        key = connection.ops.quote_name("key")
        cursor.execute(f"SELECT {key}, user_id FROM {table}")  # nosec B608 # both quoted names of ours
        rows = cursor.fetchall()
    ApiToken = apps.get_model("users", "ApiToken")
    ApiToken.objects.using(connection.alias).bulk_create(
        ApiToken(
            user_id=user_id,
            name=NAME,
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            prefix=secret[:SHOWN],
            scope="write",
        )
        for secret, user_id in rows
    )
    # Keys in clear must not lie about. Forgetting that the old app was migrated lets an older version of this project
    # make its table again.
    schema_editor.execute(f"DROP TABLE {table}")
    MigrationRecorder(connection).migration_qs.filter(app="authtoken").delete()


class Migration(migrations.Migration):
    dependencies = [("users", "0002_api_tokens")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
