"""`release`."""

from __future__ import annotations

import argparse
from typing import Any, Final

from anymask.cli.common import Commands
from anymask.cli.exports import fetching_add, made_and_fetched
from anymask.cli.output import Output
from anymask.client import Client

# SA-1B's, in pixels.
_SHORT_SIDE: Final = 1500


def commands_add(commands: Commands, common: argparse.ArgumentParser) -> None:
    release = commands.add_parser(
        "release", parents=[common], help="have the project published as SA-1B was, with a data card"
    )
    fetching_add(release)
    release.add_argument("--name", help="of the release (default: the project's)")
    release.add_argument("--description", default="", help="what it is for, on the card")
    release.add_argument("--licence", default="", help="on the card")
    release.add_argument(
        "--short-side",
        type=_side,
        default=_SHORT_SIDE,
        metavar="PIXELS",
        help=f"larger pictures are scaled down to it; none leaves them (default: {_SHORT_SIDE})",
    )
    release.add_argument(
        "--check", type=int, metavar="ID", help="the quality check whose figures the card gives"
    )
    release.add_argument(
        "--status", action="append", help="images of this status; several times for more (default: accepted)"
    )
    release.add_argument("--seed", type=int, help="number images and masks in an order drawn with it")
    release.set_defaults(run=_release)


def _side(text: str) -> int | None:
    if text == "none":
        return None
    if not text.isdigit():
        raise argparse.ArgumentTypeError("a number of pixels is wanted, or none")
    return int(text)


def _release(options: argparse.Namespace, output: Output) -> int:
    return made_and_fetched(options, output, "release", _params)


def _params(client: Client, project_id: int, options: argparse.Namespace) -> dict[str, Any]:
    """All of them, as the server notes them, so that the same one is known again."""
    named = {"check": options.check, "seed": options.seed}
    return {
        "name": options.name or client.project(project_id)["name"],
        "description": options.description,
        "short_side": options.short_side,
        "statuses": options.status or ["accepted"],
        "licence": options.licence,
        **{name: value for name, value in named.items() if value is not None},
    }
