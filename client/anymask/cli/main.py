"""The parser, and what becomes of errors: 0 all is well, 1 something failed, 2 it was called wrongly, 130 Ctrl-C."""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Sequence
from typing import Final

from anymask.cli import account, exports, imports, pictures, releases
from anymask.cli.output import Output
from anymask.errors import AnymaskError, ApiError, ConnectionFailed, JobFailed

_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    output = Output(is_json=options.json)
    try:
        code: int = options.run(options, output)
        return code
    except KeyboardInterrupt:
        output.note(f"Stopped. {output.hint}".strip())
        return _INTERRUPTED
    except (AnymaskError, OSError, zipfile.BadZipFile) as error:
        if output.is_json:
            output.answer({"error": _told(error)}, "")
        output.note(f"anymask: {error}")
        if isinstance(error, ConnectionFailed) and output.hint:
            output.note(output.hint)
        if isinstance(error, ApiError) and error.status == 401:
            output.note("Log in again: anymask login URL")
        return 1
    finally:
        output.bar.clear()


def _told(error: Exception) -> dict[str, object]:
    if isinstance(error, ApiError):
        return {"code": error.code, "message": error.message, "status": error.status, "extra": error.extra}
    if isinstance(error, JobFailed):
        return {"code": error.job["error_code"], "message": str(error), "job": error.job["id"]}
    return {"code": f"client.{type(error).__name__}", "message": str(error)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="anymask",
        description="Photographs in, masks out: a command for an Anymask server.",
        epilog="The server and the token are those of `anymask login`, or ANYMASK_URL and ANYMASK_TOKEN.",
    )
    parser.add_argument("--url", help="another server than the usual one")
    # Given before or after the command; the one after must not put the default over the one before.
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="the answer as JSON")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for part in (account, pictures, exports, releases, imports):
        part.commands_add(commands, common)
    return parser
