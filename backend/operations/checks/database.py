from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.operations.findings import Check, Finding, examples, failed, ok, warning
from backend.operations.probes import database_probe


def look() -> Finding:
    database_probe()
    version = ".".join(map(str, connection.get_database_version()))
    executor = MigrationExecutor(connection)
    loader = executor.loader
    pending = [str(step) for step, _ in executor.migration_plan(loader.graph.leaf_nodes())]
    if pending:
        return failed(
            f"{len(pending)} migrations are not applied: {examples(pending)}",
            count=len(pending),
            advice="run `manage.py migrate`",
        )
    apps = {app for app, _ in loader.disk_migrations}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in apps and (app, name) not in loader.disk_migrations
    )
    if unknown:
        return warning(
            f"{len(unknown)} applied migrations are unknown to this code: {examples(unknown)}",
            count=len(unknown),
            advice="run the version of the application that made this database, or a later one",
        )
    return ok(f"{connection.display_name} {version}, {len(loader.applied_migrations)} migrations applied")


CHECK = Check("database", look)
