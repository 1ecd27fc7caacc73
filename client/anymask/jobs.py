"""Work the server does in the background: jobs, and the exports, releases and imports that are made of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from anymask.datasets import dataset_zipped
from anymask.downloads import ByteProgress, file_download, part_path
from anymask.errors import JobFailed
from anymask.session import Session
from anymask.types import ImportUpload, Job, JobDetail

_ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
_FIRST_POLL: Final = 0.3
_LONGEST_POLL: Final = 5.0


class Jobs(Session):
    """Jobs of the projects one is a member of."""

    def jobs(self, project_id: int | None = None, **filters: Any) -> Iterator[Job]:
        """Of the project, or of all one is a member of, the newest first; `filters`: state, kind."""
        return self.listed("jobs/" if project_id is None else f"projects/{project_id}/jobs/", **filters)

    def job(self, job_id: str) -> JobDetail:
        job: JobDetail = self.get(f"jobs/{job_id}/")
        return job

    def job_start(self, project_id: int, kind: str, params: Mapping[str, Any]) -> Job:
        body = {"id": str(uuid.uuid4()), "kind": kind, "params": dict(params)}
        answer = self.transport.send("POST", f"projects/{project_id}/jobs/", json=body, is_repeatable=True)
        job: Job = answer.json()
        return job

    def job_cancel(self, job_id: str) -> Job:
        job: Job = self.transport.send("POST", f"jobs/{job_id}/cancel/", is_repeatable=True).json()
        return job

    def job_wait(self, job_id: str, *, progress: Callable[[Job], None] | None = None) -> JobDetail:
        """Returns once it succeeded; `progress` sees it now and then. Raises JobFailed where it ended otherwise."""
        poll = _FIRST_POLL
        while True:
            job = self.job(job_id)
            if progress:
                progress(job)
            if job["state"] == "succeeded":
                return job
            if job["state"] in _ENDED:
                raise JobFailed(job)
            time.sleep(poll)
            poll = min(poll * 1.5, _LONGEST_POLL)

    def job_download(
        self, job: Job, target: Path | None = None, *, progress: ByteProgress | None = None
    ) -> Path:
        """Fetches the file it made, to `target` or here under the server's name for it; see `file_download` for how and
        what it raises. ApiError `job.no_file` where it made none."""
        result = job["result"] or {}
        if "sha256" not in result:
            self.get(f"jobs/{job['id']}/file/")
        # By its name alone: where it goes is not for the server to say.
        target = target or Path(Path(result["file_name"]).name).absolute()
        return file_download(
            self.transport,
            f"jobs/{job['id']}/file/",
            target,
            part=part_path(target, job["id"]),
            byte_size=result["bytes"],
            sha256=result["sha256"],
            progress=progress,
        )

    def export_start(self, project_id: int, format: str = "coco", **params: Any) -> Job:
        """`params`: pictures, unlabelled, statuses, labels, stages, authors, since, until, splits."""
        return self.job_start(project_id, "export", {"format": format, **params})

    def export(
        self, project_id: int, target: Path | None = None, format: str = "coco", **params: Any
    ) -> Path:
        """Starts one, waits for it and fetches it: `export_start`, `job_wait`, `job_download`."""
        return self.job_download(self.job_wait(self.export_start(project_id, format, **params)["id"]), target)

    def release_start(self, project_id: int, name: str, **params: Any) -> Job:
        """`params`: description, short_side, statuses, licence, check, seed."""
        return self.job_start(project_id, "release", {"name": name, **params})

    def release(self, project_id: int, name: str, target: Path | None = None, **params: Any) -> Path:
        """Starts one, waits for it and fetches it: `release_start`, `job_wait`, `job_download`."""
        return self.job_download(self.job_wait(self.release_start(project_id, name, **params)["id"]), target)

    def import_upload(
        self, project_id: int, path: Path | str, images: Path | str | None = None
    ) -> ImportUpload:
        """Sends a data set, a zip or a folder, for `import_check` and `import_start`; the server keeps it for 7 days."""
        with (
            dataset_zipped(Path(path), Path(images) if images else None) as zipped,
            zipped.open("rb") as file,
        ):
            answer = self.transport.send(
                "POST",
                f"projects/{project_id}/imports/",
                files=[("file", (zipped.name, file, "application/zip"))],
                # A second one of the same content changes nothing and goes after a week.
                is_repeatable=True,
            )
        upload: ImportUpload = answer.json()
        return upload

    def import_check(self, project_id: int, upload_id: str, format: str = "auto") -> Job:
        """Starts a look at it, which changes nothing; its `result` says what an import would find."""
        return self.job_start(project_id, "import.check", {"upload": upload_id, "format": format})

    def import_start(
        self,
        project_id: int,
        upload_id: str,
        format: str,
        *,
        policy: str = "skip",
        labels: Mapping[str, Any] | None = None,
    ) -> Job:
        """`policy`: what becomes of images that have masks: skip, replace, add. `labels`: by name an id, create, skip."""
        params = {"upload": upload_id, "format": format, "policy": policy, "labels": dict(labels or {})}
        return self.job_start(project_id, "import", params)
