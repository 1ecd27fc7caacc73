"""The secret key of a development or demo installation: made once, kept in the data folder."""

import os
import secrets
from pathlib import Path


def secret_key_read_or_create(path: Path) -> str:
    """The key in `path`; made, readable by its owner only, when missing. Safe when several processes start at
    once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            # A link fails when another process was first, so every process ends with the same key.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_text(encoding="ascii").strip()
