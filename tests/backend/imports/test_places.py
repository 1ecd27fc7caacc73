"""Imports from folders of the server and from buckets: those that were opened, whole and as they were looked at."""

import io
import os
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import call_command
from moto.server import ThreadedMotoServer
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.common.errors import ApplicationError
from backend.config.places import import_places
from backend.images.models import Image
from backend.imports.jobs import CHECK, IMPORT, bring_in, look
from backend.jobs.context import JobInterrupted
from backend.projects.models import Project
from backend.users.models import User
from tests.backend.imports.test_imports import content_of, exported, job_of, masks, target

__all__ = ["masks", "target"]


@pytest.fixture
def root(project: Project, masks: list[Mask], tmp_path: Path, settings: Any) -> Path:
    """A folder that was opened, with an export in `cats/first`."""
    folder = tmp_path / "datasets"
    zipfile.ZipFile(io.BytesIO(exported(project, "yolo"))).extractall(folder / "cats" / "first")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passwords.json").write_text("{}")
    settings.IMPORT_PLACES = import_places([str(folder)], [])
    return folder


@pytest.fixture
def bucket(root: Path, settings: Any) -> Iterator[Any]:
    """The same in a bucket below `data/sets`, and something beside it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="pictures")
    for path in filter(Path.is_file, root.rglob("*")):
        client.put_object(
            Bucket="pictures", Key=f"data/sets/{path.relative_to(root)}", Body=path.read_bytes()
        )
    client.put_object(Bucket="pictures", Key="data/other/secret.json", Body=b"{}")
    options = f"endpoint_url={endpoint}&region_name=us-east-1&access_key=test&secret_key=test"
    settings.IMPORT_PLACES = import_places([], [f"s3://pictures/data/sets?{options}"])
    yield client
    server.stop()


def listed(api: APIClient, project: Project, path: str = "") -> Any:
    return api.get(f"/api/v1/projects/{project.pk}/imports/places/", {"path": path})


def brought(target: Project, owner: User, place: str) -> dict[str, Any]:
    seen = look(job_of(target, owner, CHECK, place=place))
    made = job_of(target, owner, IMPORT, place=place, format=seen["format"], fingerprint=seen["fingerprint"])
    return bring_in(made)


def test_nothing_is_open_unless_somebody_opened_it(api: APIClient, project: Project, settings: Any) -> None:
    settings.IMPORT_PLACES = import_places([], [])
    assert listed(api, project).json()["folders"] == []
    assert listed(api, project, "etc").json()["code"] == "import.place_not_found"


def test_a_folder_is_listed_and_imported(
    api: APIClient, project: Project, target: Project, owner: User, root: Path
) -> None:
    assert listed(api, project).json()["folders"] == ["datasets"]
    assert listed(api, project, "datasets").json()["folders"] == ["cats"]
    first = listed(api, project, "datasets/cats/first").json()
    names = {path.name for path in (root / "cats" / "first").iterdir() if path.is_dir()}
    assert set(first["folders"]) == names
    files = [path for path in (root / "cats" / "first").iterdir() if path.is_file()]
    assert first["file_count"] == len(files)
    assert first["byte_size"] == sum(path.stat().st_size for path in files)
    assert brought(target, owner, "datasets/cats/first/")["masks"]["created"] == 3
    assert content_of(target) == content_of(project)
    arguments = ["--user", owner.username, "--place", "datasets/cats/first"]
    call_command("import_dataset", "By command", "--create", *arguments)
    assert content_of(Project.objects.get(name="By command")) == content_of(project)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "datasets/../secret",
            "datasets/cats/../../secret",
            "/etc",
            "secret",
            "datasets/none",
            "datasets//cats",
        ),
        *("datasets/cats\0", "datasets/./cats", "datasets/link", "datasets/" + "x" * 300, "datasets/loop"),
        *("datasets/cats/first/data.yaml", "datasets\\cats"),
    ],
)
def test_no_path_leads_out_of_a_place(
    api: APIClient, project: Project, owner: User, root: Path, path: str
) -> None:
    (root / "link").symlink_to(root.parent / "secret")
    (root / "loop").symlink_to(root / "loop")
    assert listed(api, project, path).json()["code"] == "import.place_not_found"
    body = {"id": str(uuid.uuid4()), "kind": CHECK, "params": {"place": path.replace("\0", "")}}
    answer = api.post(f"/api/v1/projects/{project.pk}/jobs/", body)
    if "\0" not in path:
        assert answer.json()["code"] == "import.place_not_found"


def test_links_that_lead_out_are_no_files_of_a_folder(
    api: APIClient, target: Project, owner: User, root: Path
) -> None:
    first = root / "cats" / "first"
    pictures = sorted((first / "images").rglob("*.png"))
    outside = root.parent / "secret" / "picture.png"
    pictures[0].rename(outside)
    pictures[0].symlink_to(outside)
    (first / "more").symlink_to(root.parent / "secret")
    os.mkfifo(first / "pipe.json")
    result = brought(target, owner, "datasets/cats/first")
    assert result["pictures"] == {"new": 2, "matched": 0, "missing": 0}
    assert [problem["code"] for problem in result["problems"]] == ["import.no_picture"]


def test_what_changed_since_it_was_looked_at_is_not_imported(
    api: APIClient, target: Project, owner: User, root: Path
) -> None:
    place = "datasets/cats/first"
    seen = look(job_of(target, owner, CHECK, place=place))
    job = job_of(target, owner, IMPORT, place=place, format="yolo", fingerprint=seen["fingerprint"])
    (root / "cats" / "first" / "labels" / "more.txt").write_text("")
    with pytest.raises(ApplicationError) as refused:
        bring_in(job)
    assert refused.value.code == "import.place_changed"
    assert not Image.objects.filter(project=target).exists()


def test_an_attempt_does_not_go_on_in_a_folder_that_changed(
    api: APIClient, target: Project, owner: User, root: Path
) -> None:
    context = job_of(target, owner, IMPORT, place="datasets/cats/first", format="yolo")
    progress = context.progress

    def killed(done: int, total: int | None = None) -> None:
        progress(done, total)
        if done == 1:
            raise JobInterrupted

    context.progress = killed  # type: ignore[method-assign]
    with pytest.raises(JobInterrupted):
        bring_in(context)
    context.progress = progress  # type: ignore[method-assign]
    (root / "cats" / "first" / "images" / "train" / "0.png").write_bytes(b"")
    with pytest.raises(ApplicationError) as refused:
        bring_in(context)
    assert refused.value.code == "import.place_changed"


def test_a_file_that_goes_while_it_is_imported_is_told(
    api: APIClient, target: Project, owner: User, root: Path
) -> None:
    context = job_of(target, owner, IMPORT, place="datasets/cats/first", format="yolo")
    progress = context.progress
    last = max((root / "cats" / "first" / "images").rglob("*.png"))

    def going(done: int, total: int | None = None) -> None:
        progress(done, total)
        last.unlink(missing_ok=True)

    context.progress = going  # type: ignore[method-assign]
    result = bring_in(context)
    assert result["pictures"]["missing"] + result["pictures"]["new"] <= 3
    assert {problem["code"] for problem in result["problems"]} <= {
        "import.file_gone",
        "import.row_incomplete",
    }
    assert result["problem_count"] == 1


def test_a_bucket_is_listed_and_imported(
    api: APIClient, project: Project, target: Project, owner: User, bucket: Any
) -> None:
    assert listed(api, project).json()["folders"] == ["sets"]
    assert listed(api, project, "sets").json()["folders"] == ["cats"]
    assert "data.yaml" not in listed(api, project, "sets/cats/first").json()["folders"]
    assert listed(api, project, "sets/../other").json()["code"] == "import.place_not_found"
    assert listed(api, project, "sets/none").json()["code"] == "import.place_not_found"
    assert brought(target, owner, "sets/cats/first")["masks"]["created"] == 3
    assert content_of(target) == content_of(project)
    seen = look(job_of(target, owner, CHECK, place="sets/cats/first"))
    job = job_of(
        target, owner, IMPORT, place="sets/cats/first", format="yolo", fingerprint=seen["fingerprint"]
    )
    bucket.put_object(Bucket="pictures", Key="data/sets/cats/first/data.yaml", Body=b"names: [x]")
    with pytest.raises(ApplicationError) as refused:
        bring_in(job)
    assert refused.value.code == "import.place_changed"


def test_a_bucket_that_is_not_there_says_so(api: APIClient, project: Project, bucket: Any) -> None:
    for entry in bucket.list_objects_v2(Bucket="pictures")["Contents"]:
        bucket.delete_object(Bucket="pictures", Key=entry["Key"])
    bucket.delete_bucket(Bucket="pictures")
    answer = listed(api, project, "sets")
    assert (answer.status_code, answer.json()["code"]) == (503, "import.place_unreachable")


def test_a_job_reads_an_upload_or_a_place(api: APIClient, project: Project, root: Path) -> None:
    for params in ({}, {"upload": str(uuid.uuid4()), "place": "datasets"}, {"place": 3.5}):
        body = {"id": str(uuid.uuid4()), "kind": CHECK, "params": params}
        answer = api.post(f"/api/v1/projects/{project.pk}/jobs/", body)
        assert answer.json()["code"] in ("input.invalid", "import.place_not_found")


@pytest.mark.parametrize(
    ("folders", "buckets"),
    [
        (["relative"], []),
        (["/srv/a", "/mnt/a"], []),
        (["/"], []),
        ([], ["http://bucket/prefix"]),
        ([], ["s3://bucket/prefix?secret=1"]),
        (["/srv/prefix"], ["s3://bucket/prefix"]),
    ],
)
def test_places_nobody_could_tell_apart_are_refused(folders: list[str], buckets: list[str]) -> None:
    with pytest.raises(ValueError, match="IMPORT_"):
        import_places(folders, buckets)
