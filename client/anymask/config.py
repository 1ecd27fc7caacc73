"""Where the server is and who asks: given, or `ANYMASK_URL` and `ANYMASK_TOKEN`, or what `anymask login` wrote down."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from anymask.errors import NotConfigured


@dataclass(frozen=True)
class Account:
    url: str
    token: str


def config_path() -> Path:
    """`anymask/config.json` in the folder where this person's configuration lies."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "anymask" / "config.json"


def account_found(url: str | None = None, token: str | None = None) -> Account:
    """The first of the three that says something. A token that was written down is sent to its own server only.

    Raises NotConfigured.
    """
    url = url or os.environ.get("ANYMASK_URL")
    token = token or os.environ.get("ANYMASK_TOKEN")
    if url and token:
        return Account(url.rstrip("/"), token)
    stored = _account_stored()
    if stored and url in (None, stored.url, f"{stored.url}/"):
        return Account(stored.url, token or stored.token)
    if url:
        raise NotConfigured(f"There is no token for {url}: run `anymask login {url}`, or set ANYMASK_TOKEN.")
    raise NotConfigured("Which server? Run `anymask login URL`, or set ANYMASK_URL and ANYMASK_TOKEN.")


def account_store(account: Account) -> Path:
    """Writes it down for this person alone to read. Returns where."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    # Made with its mode: there is no moment in which others could read it.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": account.url, "token": account.token}, file)
    draft.replace(path)
    return path


def _account_stored() -> Account | None:
    path = config_path()
    try:
        stored = json.loads(path.read_text())
        return Account(str(stored["url"]), str(stored["token"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise NotConfigured(f"{path} cannot be read: run `anymask login URL` again.") from error
