"""`export`, `jobs`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from anymask.cli.common import Commands, client_opened, job_shown, project_found
from anymask.cli.output import Output, byte_amount, table
from anymask.client import Client
from anymask.errors import AnymaskError, ApiError
from anymask.types import Job

_SPLITS: Final = ("train", "val", "test")
# The params of a job, of what was said on the command line.
ParamsOf: TypeAlias = Callable[[Client, int, argparse.Namespace], dict[str, Any]]


def commands_add(commands: Commands, common: argparse.ArgumentParser) -> None:
    export = commands.add_parser(
        "export", parents=[common], help="have a data set made, and fetch it; again to go on"
    )
    fetching_add(export)
    export.add_argument("--format", default="coco", help="as the server lists them (default: coco)")
    filters = export.add_argument_group("what goes in")
    filters.add_argument("--pictures", action="store_true", help="the photographs too")
    filters.add_argument(
        "--unlabelled", choices=["skip", "include"], help="what becomes of masks without a label"
    )
    filters.add_argument(
        "--status", action="append", help="images of this status only; several times for more"
    )
    filters.add_argument("--label", action="append", help="masks of this label only, by name")
    filters.add_argument("--stage", action="append", help="masks made at this stage only")
    filters.add_argument("--author", action="append", type=int, help="masks of this person only, by id")
    filters.add_argument("--since", metavar="DATE", help="masks made on that day (UTC) or later")
    filters.add_argument("--until", metavar="DATE", help="masks made on that day (UTC) or earlier")
    filters.add_argument(
        "--splits", type=_splits, metavar="TRAIN,VAL,TEST", help="deal the pictures in these parts, as 8,1,1"
    )
    filters.add_argument("--seed", type=int, default=0, help="of the dealing")
    export.set_defaults(run=_export)
    jobs = commands.add_parser("jobs", parents=[common], help="the latest jobs, of a project or of all")
    jobs.add_argument("project", metavar="PROJECT", nargs="?", help="id or name")
    jobs.add_argument("--limit", type=int, default=20)
    jobs.set_defaults(run=_jobs)


def fetching_add(command: argparse.ArgumentParser) -> None:
    """What `made_and_fetched` looks at."""
    command.add_argument("project", metavar="PROJECT", help="id or name")
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="where to (default: here, as the server calls it)"
    )
    command.add_argument(
        "--wait", action="store_true", help="until it is made, and fetch it; --out does so too"
    )
    command.add_argument("--new", action="store_true", help="do not go on with one that was left off")
    command.add_argument("--job", metavar="ID", help="fetch this one, already started")


def _splits(text: str) -> dict[str, int]:
    parts = text.split(",")
    if len(parts) > len(_SPLITS) or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError("up to three whole numbers are wanted, as 8,1,1")
    return dict(zip(_SPLITS, map(int, parts), strict=False))


def _export(options: argparse.Namespace, output: Output) -> int:
    return made_and_fetched(options, output, "export", _params)


def made_and_fetched(options: argparse.Namespace, output: Output, kind: str, params_of: ParamsOf) -> int:
    """Starts a job of this kind, or goes on with the same one that was left off, and fetches its file where that is
    wanted."""
    with client_opened(options, output) as client:
        project_id = project_found(client, options.project)
        is_fetched = bool(options.wait or options.out or options.job)
        folder = (options.out or Path("x")).absolute().parent
        job = _job_of(client, project_id, kind, params_of, options, output, folder)
        go_on = f"anymask {kind} {project_id} --job {job['id']}" + (
            f" --out {options.out}" if options.out else ""
        )
        output.hint = f"The server goes on by itself; fetch it by the same command, or: {go_on}"
        if not is_fetched:
            output.answer(job, [f"Started: {job['title']}, job {job['id']}.", f"Fetch it: {go_on}"])
            return 0
        job = client.job_wait(job["id"], progress=lambda now: job_shown(output, now))
        path = client.job_download(
            job,
            options.out.absolute() if options.out else None,
            progress=lambda done, total: output.bar.show("Downloading", done, total, unit="B"),
        )
    result = job["result"] or {}
    output.answer(
        {"path": str(path), "job": job},
        f"{path}: {result['images']} images, {result['masks']} masks, {byte_amount(result['bytes'])}.",
    )
    return 0


def _job_of(
    client: Client,
    project_id: int,
    kind: str,
    params_of: ParamsOf,
    options: argparse.Namespace,
    output: Output,
    folder: Path,
) -> Job:
    if options.job:
        return client.job(options.job)
    params = params_of(client, project_id, options)
    if not options.new and (found := _left_off(client, project_id, kind, params, folder)):
        output.note(f"Going on with the {kind} begun at {found['created_at']} (--new starts another).")
        return found
    return client.job_start(project_id, kind, params)


def _left_off(client: Client, project_id: int, kind: str, params: dict[str, Any], folder: Path) -> Job | None:
    """The same by the same person, if it is still being made, or was fetched in part to this folder."""
    me = client.me()["id"]
    parts = {
        path.name.removeprefix(".anymask-").removesuffix(".part") for path in folder.glob(".anymask-*.part")
    }
    candidates: list[Job] = list(client.jobs(project_id, kind=kind, state=["queued", "running"]))
    for job_id in sorted(parts):
        try:
            candidates.append(client.job(job_id))
        except ApiError as error:
            # Another server's, or one that is gone.
            if error.status not in (400, 404):
                raise
    for job in candidates:
        is_same = (job["project"], job["kind"]) == (project_id, kind) and _asked(job["params"]) == _asked(
            params
        )
        is_ours = job["created_by"] is not None and job["created_by"]["id"] == me
        if is_same and is_ours and _is_worth_waiting(job):
            return job
    return None


def _is_worth_waiting(job: Job) -> bool:
    if job["state"] == "succeeded":
        return not job["is_expired"]
    return job["state"] in ("queued", "running") and not job["is_cancelling"]


def _asked(params: dict[str, Any]) -> dict[str, Any]:
    """Without what the server fills in."""
    splits = {name: value for name, value in (params.get("splits") or {}).items() if value not in (0, "none")}
    return {
        name: value
        for name, value in {**params, "splits": splits}.items()
        if value not in (False, None, {}, [])
    }


def _params(client: Client, project_id: int, options: argparse.Namespace) -> dict[str, Any]:
    params = {
        "format": options.format,
        "pictures": options.pictures,
        "unlabelled": options.unlabelled,
        "statuses": options.status,
        "labels": _label_ids(client, project_id, options.label),
        "stages": options.stage,
        "authors": options.author,
        "since": options.since,
        "until": options.until,
        "splits": {**options.splits, "seed": options.seed} if options.splits else None,
    }
    return {name: value for name, value in params.items() if value is not None}


def _label_ids(client: Client, project_id: int, names: list[str] | None) -> list[int] | None:
    if names is None:
        return None
    ids = {label["name"]: label["id"] for label in client.labels(project_id)}
    unknown = [name for name in names if name not in ids]
    if unknown:
        raise AnymaskError(f"The project has no label {unknown[0]!r}; it has: {', '.join(ids)}.")
    return [ids[name] for name in names]


def _jobs(options: argparse.Namespace, output: Output) -> int:
    with client_opened(options, output) as client:
        project_id = project_found(client, options.project) if options.project else None
        jobs = list(islice(client.jobs(project_id, page_size=min(options.limit, 500)), options.limit))
    rows = [
        (
            job["id"],
            job["project_name"],
            job["title"],
            job["state"],
            job["created_at"][:16],
            job["error_code"],
        )
        for job in jobs
    ]
    output.answer(jobs, table(rows, ("ID", "PROJECT", "WHAT", "STATE", "SINCE", "ERROR")))
    return 0
