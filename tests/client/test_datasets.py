"""Exports fetched and imports brought in, through the client and the command."""

import hashlib
import json
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from anymask import ApiError, Client, ConnectionFailed, DownloadDamaged, mask_decode
from anymask.downloads import file_download
from tests.client.conftest import Ended, command, environment_of
from tests.client.proxy import Fault, proxied
from tests.workers.processes import System

Labelled = dict[str, list[np.ndarray]]


@pytest.fixture
def exported(client: Client, project: int, labelled: Labelled, tmp_path: Path) -> Path:
    return client.export(project, tmp_path / "whole.zip", pictures=True)


def annotations(path: Path) -> dict[str, list[np.ndarray]]:
    """Masks of a COCO export by their picture's name, in its order."""
    document = json.loads(zipfile.ZipFile(path).read("annotations/instances_train.json"))
    names = {image["id"]: image["file_name"] for image in document["images"]}
    found: dict[str, list[np.ndarray]] = {name: [] for name in names.values()}
    for annotation in document["annotations"]:
        found[names[annotation["image_id"]]].append(mask_decode(annotation["segmentation"]))
    return found


def assert_same(found: dict[str, list[np.ndarray]], wanted: dict[str, list[np.ndarray]]) -> None:
    assert found.keys() == wanted.keys()
    for name, masks in wanted.items():
        assert len(found[name]) == len(masks)
        assert all((one == other).all() for one, other in zip(found[name], masks, strict=True))


def test_an_export_is_made_waited_for_and_fetched_whole(
    client: Client, project: int, labelled: Labelled, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    ended = anymask("export", project, "--pictures", "--wait", "--json")
    assert ended.code == 0, ended.err
    path = Path(ended.json["path"])
    assert path.parent == tmp_path
    assert path.name.endswith("-coco.zip")
    result = ended.json["job"]["result"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result["sha256"]
    assert (result["images"], result["masks"]) == (6, 4)
    assert_same(annotations(path), labelled)
    assert ended.err == "", "no bar where nobody sees it"
    assert [file.name for file in tmp_path.glob(".anymask-*")] == []


def test_without_waiting_it_is_started_and_says_how_to_fetch_it(
    project: int, labelled: Labelled, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    started = anymask("export", project)
    assert started.code == 0, started.err
    told = started.out.splitlines()[-1]
    assert told.startswith(f"Fetch it: anymask export {project} --job ")
    fetched = anymask(*told.partition("anymask ")[2].split(), "--out", "here.zip")
    assert fetched.code == 0, fetched.err
    assert_same(annotations(tmp_path / "here.zip"), labelled)


def test_filters_go_along(
    client: Client, project: int, labelled: Labelled, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    ended = anymask("export", project, "--label", "dog", "--splits", "1,1", "--out", "dogs.zip", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["job"]["result"]["masks"] == 2
    assert "annotations/instances_val.json" in zipfile.ZipFile(tmp_path / "dogs.zip").namelist()
    unknown = anymask("export", project, "--label", "bird", "--wait")
    assert (unknown.code, unknown.err) == (
        1,
        "anymask: The project has no label 'bird'; it has: object, cat, dog.\n",
    )
    refused = anymask("export", project, "--format", "paper", "--wait", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "input.invalid")


def test_a_download_that_breaks_goes_on_where_it_was(
    system: System, client: Client, project: int, exported: Path, tmp_path: Path
) -> None:
    job = client.job(next(client.jobs(project))["id"])
    size = exported.stat().st_size
    assert size > 100_000
    with proxied(system.port, Fault(down=size // 3), Fault(down=size // 3)) as proxy:
        path = Client(proxy.url, system.token).job_download(job, tmp_path / "broken.zip")
        assert len(proxy.met) == 2
        assert len(proxy.heads("Range")) == 2
        assert proxy.down < size * 1.1, "no byte came twice, but for heads"
    assert path.read_bytes() == exported.read_bytes()


def test_a_download_that_breaks_again_and_again_keeps_what_it_has(
    system: System, client: Client, project: int, exported: Path, tmp_path: Path
) -> None:
    job = client.job(next(client.jobs(project))["id"])
    half, target = exported.stat().st_size // 2, tmp_path / "later.zip"
    with proxied(system.port, Fault(down=half), Fault(up=1), Fault(up=1)) as proxy:
        with pytest.raises(ConnectionFailed):
            Client(proxy.url, system.token, tries=2).job_download(job, target)
        assert not target.exists()
        before = proxy.down
        Client(proxy.url, system.token).job_download(job, target)
        assert proxy.down - before < half * 1.1
    assert target.read_bytes() == exported.read_bytes()


def test_a_file_that_is_not_what_was_announced_is_not_kept(
    client: Client, project: int, exported: Path, tmp_path: Path
) -> None:
    job = next(client.jobs(project))
    part = tmp_path / "x.part"
    part.write_bytes(b"another file's beginning")
    with pytest.raises(DownloadDamaged):
        file_download(
            client.transport,
            f"jobs/{job['id']}/file/",
            tmp_path / "x.zip",
            part=part,
            byte_size=exported.stat().st_size,
            sha256=hashlib.sha256(exported.read_bytes()).hexdigest(),
        )
    assert not part.exists()
    assert not (tmp_path / "x.zip").exists()


def test_ctrl_c_while_fetching_and_the_same_command_goes_on_with_the_same_job(
    system: System,
    client: Client,
    project: int,
    labelled: Labelled,
    tmp_path: Path,
    anymask: Callable[..., Ended],
) -> None:
    arguments = ("export", project, "--pictures", "--out", "out.zip", "--json")
    with proxied(system.port, Fault(down=100_000, stalls=True)) as proxy:
        process = subprocess.Popen(
            command(*arguments),
            cwd=tmp_path,
            env=environment_of(proxy.url, system.token, tmp_path / "home"),
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while not (proxy.met and any(part.stat().st_size for part in tmp_path.glob(".anymask-*"))):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    [job] = client.jobs(project)
    assert f"or: anymask export {project} --job {job['id']} --out out.zip\n" in told
    assert not (tmp_path / "out.zip").exists()

    with proxied(system.port) as proxy:
        ended = anymask(*arguments, url=proxy.url)
        assert len(proxy.heads("Range")) == 1
    assert ended.code == 0, ended.err
    assert "Going on with the export begun at" in ended.err
    assert [one["id"] for one in client.jobs(project)] == [job["id"]] == [ended.json["job"]["id"]]
    assert_same(annotations(tmp_path / "out.zip"), labelled)
    assert anymask(*arguments).code == 0
    assert len(list(client.jobs(project))) == 2, "a new export where nothing was left off"


def test_a_data_set_comes_into_another_project_bit_for_bit(
    client: Client, exported: Path, labelled: Labelled, anymask: Callable[..., Ended]
) -> None:
    other = client.project_create("Other")["id"]
    looked = anymask("import", other, "whole.zip", "--dry-run", "--json")
    assert looked.code == 0, looked.err
    found = looked.json["found"]
    assert (found["format"], found["pictures"]["new"], found["masks"]) == ("coco", 6, 4)
    assert looked.json["imported"] is None
    assert client.project(other)["image_count"] == 0, "a look changes nothing"

    ended = anymask("import", other, "whole.zip", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["imported"]["masks"]["created"] == 4
    stored = {
        image["file_name"].rpartition("/")[2]: [
            mask_decode(mask["segmentation"]) for mask in client.masks(image["id"])
        ]
        for image in client.images(other)
    }
    assert_same(stored, labelled)
    assert [label["name"] for label in client.labels(other)] == ["object", "cat", "dog"]

    again = anymask("import", other, "whole.zip")
    assert again.code == 0
    assert "0 new pictures, 6 matched" in again.out
    assert client.project(other)["mask_count"] == 4


def test_a_folder_without_its_pictures_finds_them_elsewhere(
    client: Client, exported: Path, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    with zipfile.ZipFile(exported) as archive:
        archive.extract("annotations/instances_train.json", tmp_path / "set")
    other = client.project_create("Elsewhere")["id"]
    missing = anymask("import", other, "set", "--dry-run", "--problems", "problems.csv")
    assert missing.code == 1
    assert "6 missing" in missing.out
    assert missing.err.count("(import.picture_missing)") == 6
    assert (tmp_path / "problems.csv").read_text().count("import.picture_missing") == 6

    ended = anymask("import", other, "set", "--images", "photographs")
    assert ended.code == 0, ended.err
    assert "Read as coco: 6 pictures (6 new" in ended.err
    assert "6 new pictures" in ended.out
    assert client.project(other)["mask_count"] == 4


def test_what_is_no_data_set_fails_with_the_servers_reason(
    client: Client, project: int, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.txt").write_text("nothing")
    ended = anymask("import", project, "empty", "--json")
    assert (ended.code, ended.json["error"]["code"]) == (1, "import.nothing_found")
    assert anymask("import", project, "nowhere").code == 1
    with pytest.raises(ApiError, match=r"project\.not_found"):
        client.import_upload(999_999, tmp_path / "empty")
