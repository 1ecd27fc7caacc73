"""Files no row names: what a process killed between writing a file and saving its row leaves in the storage.

Here, and not with the images, because it sees the rows of both; apps further right add the folders that are theirs.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from django.core.files.storage import default_storage

from backend.embeddings.models import Embedding, ModelVersion
from backend.images.models import Image

# Nothing else in a bucket is ours, but what other apps add.
FOLDERS: Final = ("images", "sources", "embeddings", "models")
_OTHERS: Final[dict[str, Callable[[], set[str]]]] = {}


def file_owner_add(folder: str, keys: Callable[[], set[str]]) -> None:
    """Says that the files below `folder` are those whose keys are among `keys()`; called once, when an app is loaded."""
    _OTHERS[folder] = keys


def orphans(*, before: datetime) -> Iterator[str]:
    """Keys of the files that were last written before `before` and that no row names.

    A file is written before its row, so `before` must lie further back than any upload or computation lasts.
    """
    known = keys_named()
    for key in keys_stored():
        # The time is looked at last: asking a bucket for it is a request.
        if key not in known and _is_older(key, before):
            yield key


def keys_stored() -> Iterator[str]:
    """Keys of all files in the storage that are ours."""
    for folder in (*FOLDERS, *_OTHERS):
        yield from _keys_below(folder)


def _is_older(key: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(key) < before
    except Exception:
        # A disk says it with FileNotFoundError, a bucket's client in words of its own.
        if default_storage.exists(key):
            raise
        return False


def keys_named() -> set[str]:
    """Every key a row names: about 100 bytes of memory for each."""
    keys: set[str] = set(Embedding.objects.exclude(file_key="").values_list("file_key", flat=True).iterator())
    for names in ("original_key", "display_key", "thumbnail_key", "preview_key", "source_key"):
        keys.update(Image.objects.values_list(names, flat=True).iterator())
    for names in ("prepare_key", "click_key"):
        keys.update(ModelVersion.objects.values_list(names, flat=True))
    for files in ModelVersion.objects.values_list("text_files", flat=True):
        keys.update(file["key"] for file in files.values())
    for others in _OTHERS.values():
        keys.update(others())
    keys.discard("")
    return keys


def _keys_below(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        # Deleted since its parent was listed, or nothing was ever stored.
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _keys_below(f"{folder}/{name}")
