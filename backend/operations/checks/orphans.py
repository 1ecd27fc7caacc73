from datetime import timedelta
from typing import Final

from django.utils import timezone

from backend.common.storage import files_delete
from backend.embeddings.orphans import orphans
from backend.operations.findings import Check, Finding, examples, ok, warning

# Rows of younger ones may be on their way.
AGE: Final = timedelta(days=1)


def look() -> Finding:
    keys = sorted(orphans(before=timezone.now() - AGE))
    if keys:
        return warning(
            f"{len(keys)} files belong to no row: {examples(keys)}",
            count=len(keys),
            advice="run `manage.py files_remove_orphans`, or --repair",
        )
    return ok("every file older than a day belongs to a row")


def mend() -> str:
    keys = list(orphans(before=timezone.now() - AGE))
    files_delete(keys)
    return f"{len(keys)} files removed"


CHECK = Check("orphans", look, mend)
