from django.core.files.storage import default_storage

from backend.embeddings.orphans import keys_named, keys_stored
from backend.images.copies import copies_remake
from backend.operations.findings import Check, Finding, examples, failed, ok

# Their own checks know more of these, and can bring them back.
_OTHERS = ("embeddings/", "models/")


def look() -> Finding:
    named = _named()
    missing = _missing(named - set(keys_stored()))
    if missing:
        return failed(
            f"{len(missing)} of {len(named)} files that rows name are not in the storage: {examples(missing)}",
            count=len(missing),
            advice="--repair makes thumbnails and previews again; others come back from a backup, or go with their image",
        )
    return ok(f"{len(named)} files of images, imports and jobs are there")


def mend() -> str:
    """What is made of a photograph that is there is made again."""
    made = copies_remake(keys=set(_missing(_named() - set(keys_stored()))))
    return f"{len(made)} thumbnails and previews made again"


def _named() -> set[str]:
    return {key for key in keys_named() if not key.startswith(_OTHERS)}


def _missing(keys: set[str]) -> list[str]:
    """Those of the keys that are not there indeed: while the site is in use, files come after they were listed, and rows
    go before they are."""
    absent = {key for key in keys if not default_storage.exists(key)}
    return sorted(absent & keys_named()) if absent else []


CHECK = Check("files", look, mend)
