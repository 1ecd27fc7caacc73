"""What several commands need."""

from __future__ import annotations

import argparse
from typing import Any

from anymask.cli.output import Output
from anymask.client import Client
from anymask.errors import AnymaskError
from anymask.types import Job

# What `add_subparsers` gives; argparse has no public name for it.
Commands = Any


def client_opened(options: argparse.Namespace, output: Output) -> Client:
    """Raises NotConfigured."""
    return Client(options.url, on_pause=output.paused)


def project_found(client: Client, text: str) -> int:
    """The id of the project of that id or, exactly, of that name. Raises AnymaskError where none or several are."""
    if text.isdigit():
        return int(text)
    found = [project["id"] for project in client.projects() if project["name"] == text]
    if len(found) != 1:
        many = f"{len(found)} projects are called" if found else "You are a member of no project called"
        raise AnymaskError(f"{many} {text!r}; `anymask projects` lists them with their ids.")
    return found[0]


def job_shown(output: Output, job: Job) -> None:
    """Where a job is, on the bar."""
    if job["state"] == "queued":
        output.bar.show(f"{job['title']}: waiting for a worker", 0, None)
        return
    progress = job["progress"]
    output.bar.show(
        job["title"], progress["done"], progress["total"], unit=progress["unit"], eta=job["eta_seconds"]
    )
