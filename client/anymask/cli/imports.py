"""`import`."""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from anymask.cli.common import Commands, client_opened, job_shown, project_found
from anymask.cli.output import Output
from anymask.client import Client
from anymask.types import Job

_PROBLEMS_SHOWN: Final = 20


def commands_add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "import", parents=[common], help="bring a data set in: look it over first, then import it"
    )
    parser.add_argument("project", metavar="PROJECT", help="id or name")
    parser.add_argument("path", metavar="PATH", type=Path, help="a zip or a folder")
    parser.add_argument(
        "--format", default="auto", help="as the server lists them (default: the one that fits)"
    )
    parser.add_argument("--images", type=Path, metavar="DIR", help="another folder with its pictures")
    parser.add_argument("--dry-run", action="store_true", help="only look it over, change nothing")
    parser.add_argument(
        "--policy",
        choices=["skip", "replace", "add"],
        default="skip",
        help="what becomes of images that have masks already (default: skip)",
    )
    parser.add_argument("--problems", type=Path, metavar="FILE", help="write all problems there, as CSV")
    parser.set_defaults(run=_import)


def _import(options: argparse.Namespace, output: Output) -> int:
    output.hint = "Nothing was imported yet."
    with client_opened(options, output) as client:
        project_id = project_found(client, options.project)
        output.bar.show("Sending the data set", 0, None)
        upload_id = client.import_upload(project_id, options.path, options.images)["id"]
        look = _waited(client, output, client.import_check(project_id, upload_id, options.format))
        found = look["result"] or {}
        job = look
        if not options.dry_run:
            if not output.is_json:
                for line in _found_told(found):
                    output.note(line)
            job = client.import_start(project_id, upload_id, found["format"], policy=options.policy)
            output.hint = f"The server goes on with it by itself: job {job['id']}; `anymask jobs {project_id}` shows it."
            job = _waited(client, output, job)
        _problems_told(client, output, job, options.problems)
    result = job["result"] or {}
    told = _found_told(result) if options.dry_run else [_done_told(result)]
    output.answer({"found": found, "imported": None if options.dry_run else result}, told)
    return 1 if result["problem_count"] else 0


def _waited(client: Client, output: Output, job: Job) -> Job:
    return client.job_wait(job["id"], progress=lambda now: job_shown(output, now))


def _found_told(found: dict[str, Any]) -> Iterable[str]:
    pictures = found["pictures"]
    yield (
        f"Read as {found['format']}: {pictures['total']} pictures ({pictures['new']} new, {pictures['known']} known, "
        f"{pictures['matched']} matched by name, {pictures['missing']} missing), {found['masks']} masks, "
        f"{found['masks_known']} of which are here already, {found['problem_count']} problems."
    )
    for label in found["labels"]:
        yield f"  {label['name']}: {label['masks']} masks, {'known' if label['label'] else 'a new label'}"


def _done_told(result: dict[str, Any]) -> str:
    pictures, masks = result["pictures"], result["masks"]
    return (
        f"Imported: {pictures['new']} new pictures, {pictures['matched']} matched, {pictures['missing']} missing, "
        f"{masks['created']} new masks, {masks['replaced']} replaced, {masks['skipped']} left out, "
        f"{result['problem_count']} problems."
    )


def _problems_told(client: Client, output: Output, job: Job, target: Path | None) -> None:
    """The first of them, and where all are."""
    result = job["result"] or {}
    if not result.get("problem_count"):
        return
    with tempfile.TemporaryDirectory(prefix="anymask-") as folder:
        path = client.job_download(job, Path(folder) / "problems.csv")
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if target:
            shutil.copyfile(path, target)
    for row in rows[:_PROBLEMS_SHOWN]:
        output.note(f"{row['file']} {row['row']}: {row['message']} ({row['code']})".replace(" :", ":"))
    if len(rows) > _PROBLEMS_SHOWN:
        where = f"all are in {target}" if target else "--problems FILE writes all of them"
        output.note(f"... and {len(rows) - _PROBLEMS_SHOWN} more; {where}.")
