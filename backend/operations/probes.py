"""Whether the parts we stand on answer at all: cheap, and where one does not, with its own error."""

import uuid
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from kombu import Connection

# Importing it makes `filesystem://` ours.
from backend.config import celery  # noqa: F401

_SECONDS: Final = 3
_FOLDERS: Final = ("data_folder_in", "data_folder_out", "control_folder")


def database_probe() -> None:
    """Asks the database for a number. Raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def storage_probe() -> None:
    """Writes a file, reads it and deletes it. Raises OSError, a bucket's client its own family of errors."""
    key, content = f"health/{uuid.uuid4().hex}", uuid.uuid4().bytes
    try:
        default_storage.save(key, ContentFile(content))
        with default_storage.open(key, "rb") as file:
            if file.read() != content:
                raise OSError("What was written is not what is read.")
    finally:
        # What kept it from being written says more than what keeps it from being deleted.
        with suppress(Exception):
            default_storage.delete(key)
    if default_storage.exists(key):
        raise OSError("What was deleted is still there.")


def broker_probe() -> str:
    """Connects to the broker, or writes to its folders; its address without a password. Raises OSError, KombuError."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        for folder in {Path(options[name]) for name in _FOLDERS}:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder) as file:
                file.write(b"ok")
        return f"the folder {options['data_folder_in']}"
    with Connection(
        settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=_SECONDS
    ) as broker:
        broker.ensure_connection(max_retries=1, timeout=_SECONDS, interval_start=0)
        return str(broker.as_uri())
