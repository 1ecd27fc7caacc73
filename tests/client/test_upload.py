"""Folders, zips and broken files sent to a real server; networks that die in the middle; Ctrl-C."""

import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from anymask import Client, Source
from tests.builders import make_file, make_pixels, make_zip
from tests.client.conftest import SAMPLE, Ended, command, environment_of
from tests.client.proxy import Fault, proxied
from tests.workers.processes import System

NAMES = sorted(file.name for file in SAMPLE.iterdir())


def make_folder(folder: Path, count: int, size: int = 40) -> Path:
    """So many pictures unlike each other, of incompressible noise."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.png").write_bytes(make_file(make_pixels(size, size, seed=number)))
    return folder


def test_a_folder_and_a_zip_go_in_and_the_second_time_nothing_is_sent(
    system: System, project: int, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(SAMPLE, photos / "below")
    (photos / "notes.txt").write_text("not a picture")
    (photos / ".hidden.png").write_bytes(b"nor this")
    (photos / "more.zip").write_bytes(
        make_zip({"in/a.png": make_file(make_pixels(seed=1)), "b.txt": b"text"})
    )
    seen: list[tuple[int, int]] = []
    with proxied(system.port) as proxy:
        client = Client(proxy.url, system.token)
        report = client.upload(project, [photos], progress=lambda done, total: seen.append((done, total)))
        assert sorted(image["file_name"] for image in report.created) == sorted(
            [*(f"photos/below/{name}" for name in NAMES), "in/a.png"]
        )
        assert [(error["file_name"], error["code"]) for error in report.errors] == [
            ("b.txt", "image.unsupported_type")
        ]
        assert report.duplicates == []
        total = sum(file.stat().st_size for file in SAMPLE.iterdir()) + (photos / "more.zip").stat().st_size
        assert seen[-1] == (total, total)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)

        (photos / "more.zip").unlink()
        before = proxy.sent()
        again = client.upload(project, [photos])
        assert proxy.sent() - before < 5000, "what is there already is not sent"
    assert (again.created, again.errors) == ([], [])
    assert sorted(again.duplicates) == sorted(f"photos/below/{name}" for name in NAMES)
    assert client.project(project)["image_count"] == len(NAMES) + 1


def test_what_the_server_finds_to_be_there_is_a_duplicate_and_no_error(client: Client, project: int) -> None:
    """Also where nobody asked beforehand, as for one file and a project with many images, or for a zip."""
    from anymask.uploads import sources_upload

    source = Source(SAMPLE / NAMES[0], NAMES[0])
    first = sources_upload(client.transport, project, [source])
    second = sources_upload(client.transport, project, [source])
    assert (len(first.created), second.created, second.duplicates) == (1, [], [NAMES[0]])


def test_a_broken_file_is_named_and_stops_no_other(
    project: int, client: Client, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    whole = make_folder(tmp_path / "photos", 3)
    (whole / "001.png").write_bytes((whole / "001.png").read_bytes()[:200])
    (whole / "empty.jpg").write_bytes(b"")
    ended = anymask("upload", project, "photos", "--json")
    assert ended.code == 1
    assert {error["file_name"]: error["code"] for error in ended.json["errors"]} == {
        "photos/001.png": "image.truncated",
        "photos/empty.jpg": "image.unsupported_type",
    }
    assert "photos/001.png: " in ended.err
    assert [one["file_name"] for one in client.images(project)] == ["photos/000.png", "photos/002.png"]
    only_broken = anymask("upload", project, "photos/empty.jpg")
    assert only_broken.code == 1
    assert only_broken.out == "0 new, 0 there already, 1 refused.\n"


def test_a_file_that_vanishes_is_named_and_stops_no_other(
    client: Client, project: int, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "photos", 1)
    gone = Source(folder / "gone.png", "gone.png")
    report = client.upload(project, [gone, folder])
    assert [(error["file_name"], error["code"]) for error in report.errors] == [
        ("gone.png", "file.unreadable")
    ]
    assert [image["file_name"] for image in report.created] == ["photos/000.png"]


def test_an_upload_whose_connection_breaks_half_way_is_finished(
    system: System, project: int, tmp_path: Path
) -> None:
    """Once while the photographs go up, once while the answer comes down: then all of them are duplicates."""
    folder = make_folder(tmp_path / "photos", 8, size=200)
    total = sum(file.stat().st_size for file in folder.iterdir())
    with proxied(system.port, Fault(up=total // 2)) as proxy:
        report = Client(proxy.url, system.token).upload(project, [folder])
        assert len(proxy.met) == 1
        assert proxy.sent() > total * 1.5
    # The server may have kept what was whole of the first try.
    assert len(report.created) + len(report.duplicates) == 8
    assert report.errors == []
    names = Counter(image["file_name"] for image in system.client.images(project))
    assert names == {f"photos/{number:03}.png": 1 for number in range(8)}


def test_an_answer_that_is_lost_costs_nothing(system: System, project: int, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "photos", 4)
    first = len(system.session.get(system.url(f"projects/{project}/"), timeout=10).content)
    with proxied(system.port, Fault(down=first + 1500)) as proxy:
        report = Client(proxy.url, system.token).upload(project, [folder])
        assert len(proxy.met) == 1
    assert sorted([*(image["file_name"] for image in report.created), *report.duplicates]) == [
        f"photos/{number:03}.png" for number in range(4)
    ]
    assert report.errors == []
    assert system.client.project(project)["image_count"] == 4


def test_ctrl_c_says_how_to_go_on_and_going_on_sends_the_rest(
    system: System, project: int, tmp_path: Path, anymask: Callable[..., Ended]
) -> None:
    """Sixty pictures are two batches; the second hangs."""
    folder = make_folder(tmp_path / "photos", 60, size=60)
    total = sum(file.stat().st_size for file in folder.iterdir())
    with proxied(system.port, Fault(up=int(total * 0.93), stalls=True)) as proxy:
        process = subprocess.Popen(
            command("upload", project, "photos"),
            cwd=tmp_path,
            env=environment_of(proxy.url, system.token, tmp_path / "home"),
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while not proxy.met:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert told == "Stopped. What was sent is kept: run the same command again to go on.\n"
    assert system.client.project(project)["image_count"] == 50

    ended = anymask("upload", project, "photos", "--json")
    assert ended.code == 0, ended.err
    assert (len(ended.json["created"]), len(ended.json["duplicates"])) == (10, 50)
    assert system.client.project(project)["image_count"] == 60
