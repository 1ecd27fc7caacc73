"""An installation within this process: its own data folder and database, one person, a model's row without a model."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def installation(*, database: str = "") -> Iterator[Path]:
    """The folder it lies in, which goes with it. Call it before anything of the backend is imported, and once only."""
    with TemporaryDirectory(prefix="anymask-bench-") as name:
        folder = Path(name)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
            "DATA_DIR": str(folder / "data"),
            "MODELS_DIR": str(folder / "models"),
            "DATABASE_URL": database,
            "STORAGE_URL": "",
            "CELERY_BROKER_URL": "memory://",
            "LOG_LEVEL": "WARNING",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", "--no-input", stdout=StringIO())
        from backend.embeddings.models import ModelVersion
        from backend.users.services import user_create

        user_create(username="ada", password="bench-secret-1")
        ModelVersion.objects.create(
            name="bench",
            version="0" * 12,
            manifest={},
            prepare_key="",
            prepare_sha256="",
            prepare_bytes=0,
            click_key="",
            click_sha256="",
            click_bytes=0,
            is_default=True,
        )
        yield folder
