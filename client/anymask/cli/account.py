"""`login`, `projects`."""

from __future__ import annotations

import argparse
import getpass
import sys

from anymask.cli.common import Commands, client_opened
from anymask.cli.output import Output, table
from anymask.client import Client
from anymask.config import Account, account_store
from anymask.session import token_create


def commands_add(commands: Commands, common: argparse.ArgumentParser) -> None:
    login = commands.add_parser("login", parents=[common], help="write down a server and a token for it")
    login.add_argument("server", metavar="URL", help="as https://masks.example.org")
    login.add_argument("--username", help="asked for without it")
    login.add_argument(
        "--with-token",
        action="store_true",
        help="read a token from standard input instead of asking for a password",
    )
    login.set_defaults(run=_login)
    projects = commands.add_parser("projects", parents=[common], help="the projects you are a member of")
    projects.set_defaults(run=_projects)


def _login(options: argparse.Namespace, output: Output) -> int:
    url = options.server.rstrip("/")
    if options.with_token:
        token = sys.stdin.readline().strip()
    else:
        username = options.username or _asked("User name: ")
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        token = token_create(url, username, password)
    with Client(url, token, tries=1) as client:
        user = client.me()
    path = account_store(Account(url, token))
    output.answer(
        {"url": url, "username": user["username"]}, f"Logged in as {user['username']}; noted in {path}."
    )
    return 0


def _asked(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _projects(options: argparse.Namespace, output: Output) -> int:
    with client_opened(options, output) as client:
        projects = list(client.projects())
    rows = [
        (project["id"], project["name"], project["role"], project["image_count"], project["mask_count"])
        for project in projects
    ]
    output.answer(projects, table(rows, ("ID", "NAME", "ROLE", "IMAGES", "MASKS")))
    return 0
