"""The secret key: made once for a development or demo installation, judged for any other."""

import os
import secrets
from pathlib import Path
from typing import Final

from django.core.checks.security.base import (
    SECRET_KEY_INSECURE_PREFIX,
    SECRET_KEY_MIN_LENGTH,
    SECRET_KEY_MIN_UNIQUE_CHARACTERS,
)

# What stands in examples, here and elsewhere: no key that holds one of these is anybody's own.
_WORDS_OF_EXAMPLES: Final = (
    "changeme",
    "change-me",
    "change_me",
    "replaceme",
    "replace-me",
    "your-secret",
    "example",
)


def secret_key_read_or_create(path: Path) -> str:
    """The key in `path`; made, readable by its owner only, when missing. Safe when several processes start at once."""
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


def secret_key_weakness(key: str, made_here: Path) -> str:
    """Why nobody should run a server for a team with this key, the end of a sentence; empty where nothing is wrong.

    `made_here` is where a development installation keeps the key it made, which goes wherever its folder is copied.
    """
    if len(key) < SECRET_KEY_MIN_LENGTH:
        return f"has {len(key)} characters, fewer than {SECRET_KEY_MIN_LENGTH}"
    if len(set(key)) < SECRET_KEY_MIN_UNIQUE_CHARACTERS:
        return f"has fewer than {SECRET_KEY_MIN_UNIQUE_CHARACTERS} different characters"
    known = key.lower()
    if known.startswith(SECRET_KEY_INSECURE_PREFIX) or any(word in known for word in _WORDS_OF_EXAMPLES):
        return "is one that stands in examples"
    if made_here.is_file() and made_here.read_text(encoding="ascii").strip() == key:
        return f"is the one that the demo made, in {made_here}"
    return ""
