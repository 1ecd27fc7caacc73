"""`upload`, `status`, `masks`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, Final

from anymask.cli.common import Commands, client_opened, job_shown, project_found
from anymask.cli.output import Output, duration, table
from anymask.client import Client
from anymask.masks import mask_decode
from anymask.types import Job, ProjectDetail

_WATCHED_EVERY: Final = 2.0
_FAILURES_SHOWN: Final = 10


def commands_add(commands: Commands, common: argparse.ArgumentParser) -> None:
    upload = commands.add_parser(
        "upload", parents=[common], help="send photographs, folders of them and zips; again to go on"
    )
    upload.add_argument("project", metavar="PROJECT", help="id or name")
    upload.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    upload.set_defaults(run=_upload)
    status = commands.add_parser("status", parents=[common], help="how far a project's images and jobs are")
    status.add_argument("project", metavar="PROJECT", help="id or name")
    status.add_argument("--watch", action="store_true", help="until nothing waits any more")
    status.set_defaults(run=_status)
    masks = commands.add_parser("masks", parents=[common], help="the masks of one image")
    masks.add_argument("image", metavar="IMAGE", type=int, help="id")
    masks.add_argument(
        "--npz", type=Path, metavar="FILE", help="write them there: masks [N,H,W], ids, labels, boxes"
    )
    masks.set_defaults(run=_masks)


def _upload(options: argparse.Namespace, output: Output) -> int:
    output.hint = "What was sent is kept: run the same command again to go on."
    with client_opened(options, output) as client:
        report = client.upload(
            project_found(client, options.project),
            options.paths,
            progress=lambda done, total: output.bar.show("Uploading", done, total, unit="B"),
        )
    for error in report.errors:
        output.note(f"{error['file_name']}: {error['message']} ({error['code']})")
    value = {
        "created": [{"id": image["id"], "file_name": image["file_name"]} for image in report.created],
        "duplicates": report.duplicates,
        "errors": report.errors,
    }
    output.answer(
        value,
        f"{len(report.created)} new, {len(report.duplicates)} there already, {len(report.errors)} refused.",
    )
    return 1 if report.errors else 0


def _status(options: argparse.Namespace, output: Output) -> int:
    output.hint = "The server goes on by itself."
    with client_opened(options, output) as client:
        project_id = project_found(client, options.project)
        while True:
            project = client.project(project_id)
            jobs = list(client.jobs(project_id, state=["queued", "running"]))
            counts = project["embedding_counts"]
            waiting = counts["queued"] + counts["running"]
            if not options.watch or not (waiting or jobs):
                break
            if waiting:
                total = waiting + counts["ready"] + counts["failed"]
                eta = project["embedding_eta_seconds"]
                output.bar.show("Preparing", total - waiting, total, unit="images", eta=eta)
            else:
                job_shown(output, jobs[0])
            time.sleep(_WATCHED_EVERY)
        embeddings = client.embeddings(project_id)
    output.answer({"project": project, "embeddings": embeddings, "jobs": jobs}, _told(project, jobs))
    for failure in embeddings["failures"][:_FAILURES_SHOWN]:
        output.note(f"{failure['file_name']}: {failure['error_message']} ({failure['error_code']})")
    return 1 if counts["failed"] else 0


def _told(project: ProjectDetail, jobs: list[Job]) -> list[str]:
    counts, eta = project["embedding_counts"], project["embedding_eta_seconds"]
    left = f", {duration(eta)} left" if eta else ""
    lines = [
        f"{project['name']} (project {project['id']}, you are {project['role']})",
        f"images     {project['image_count']}, {project['annotated_image_count']} with masks",
        f"masks      {project['mask_count']}, {project['unlabelled_mask_count']} without a label",
        f"embeddings {counts['ready']} ready, {counts['running']} running, {counts['queued']} queued{left}, "
        f"{counts['failed']} failed",
    ]
    return lines + [
        f"job        {job['title']}: {job['state']}, {job['progress']['done']} {job['progress']['unit']} done"
        for job in jobs
    ]


def _masks(options: argparse.Namespace, output: Output) -> int:
    with client_opened(options, output) as client:
        masks = client.masks(options.image)
        labels = _label_names(client, options.image)
    if options.npz:
        import numpy as np

        arrays = [mask_decode(mask["segmentation"]) for mask in masks]
        columns: dict[str, Any] = {
            "masks": np.stack(arrays) if arrays else np.zeros((0, 0, 0), bool),
            "ids": np.array([mask["id"] for mask in masks], dtype=str),
            "labels": np.array([labels.get(mask["label"], "") for mask in masks], dtype=str),
            "boxes": np.array([mask["bbox"] for mask in masks]).reshape(-1, 4),
        }
        with options.npz.open("wb") as file:
            np.savez_compressed(file, **columns)
    rows = [
        (mask["id"], labels.get(mask["label"], "-"), mask["area"], mask["bbox"], mask["author"] or "-")
        for mask in masks
    ]
    output.answer(masks, table(rows, ("ID", "LABEL", "AREA", "BOX X Y W H", "AUTHOR")))
    return 0


def _label_names(client: Client, image_id: int) -> dict[int | None, str]:
    project_id = client.image(image_id)["project"]
    return {label["id"]: label["name"] for label in client.labels(project_id)}
