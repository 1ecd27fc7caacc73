from django.core.files.storage import default_storage

from backend.operations.findings import Check, Finding, ok
from backend.operations.probes import storage_probe


def look() -> Finding:
    storage_probe()
    where = getattr(default_storage, "location", "") or getattr(default_storage, "bucket_name", "")
    return ok(f"{where}: a file was written, read and deleted")


CHECK = Check("storage", look)
