"""`anymask` as a person and a script meet it."""

import json
import os
import pty
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from anymask import Client, mask_decode
from tests.client.conftest import SAMPLE, Ended, command, environment_of
from tests.workers.processes import System

Anymask = Callable[..., Ended]


def test_who_logs_in_once_is_known_from_then_on(system: System, tmp_path: Path, anymask: Anymask) -> None:
    refused = anymask("login", system.address, "--username", "demo", url="", typed="wrong\n")
    assert refused.code == 1
    assert "(auth.invalid_credentials)" in refused.err
    assert anymask("projects", url="").err == (
        "anymask: Which server? Run `anymask login URL`, or set ANYMASK_URL and ANYMASK_TOKEN.\n"
    )

    ended = anymask("login", f"{system.address}/", url="", typed="demo\ndemo\n")
    assert ended.code == 0, ended.err
    noted = tmp_path / "home" / "anymask" / "config.json"
    assert noted.stat().st_mode & 0o777 == 0o600
    assert json.loads(noted.read_text())["url"] == system.address
    assert "demo" in anymask("projects", url="").out.lower()

    other = anymask("--url", "http://127.0.0.1:9", "projects", url="")
    assert "There is no token for http://127.0.0.1:9" in other.err, "a token goes to its own server only"


def test_a_token_may_be_given_instead_of_a_password(system: System, anymask: Anymask) -> None:
    ended = anymask("login", system.address, "--with-token", "--json", url="", typed=f"{system.token}\n")
    assert ended.json == {"url": system.address, "username": "demo"}
    assert anymask("projects", url="").code == 0
    assert anymask("login", system.address, "--with-token", url="", typed="wrong\n").code == 1


def test_projects_are_listed_for_people_and_machines(client: Client, project: int, anymask: Anymask) -> None:
    name = client.project(project)["name"]
    ended = anymask("projects")
    assert ended.out.splitlines()[0].split() == ["ID", "NAME", "ROLE", "IMAGES", "MASKS"]
    assert [str(project), name] in [
        [line.split()[0], " ".join(line.split()[1:3])] for line in ended.out.splitlines()
    ]
    assert (project, name) in [(one["id"], one["name"]) for one in anymask("projects", "--json").json]
    assert name in [one["name"] for one in anymask("--json", "projects").json]


def test_a_project_is_found_by_its_name(client: Client, project: int, anymask: Anymask) -> None:
    name = client.project(project)["name"]
    assert anymask("status", name, "--json").json["project"]["id"] == project
    unknown = anymask("status", "No such project")
    assert (unknown.code, unknown.err.startswith("anymask: You are a member of no project called")) == (
        1,
        True,
    )
    for _ in range(2):
        client.project_create("Twins")
    assert "2 projects are called 'Twins'" in anymask("status", "Twins").err


def test_failures_and_wrong_calls_have_their_own_codes(project: int, anymask: Anymask) -> None:
    wrong = anymask("status", project, token="wrong")
    assert (wrong.code, wrong.out) == (1, "")
    assert "auth.token_invalid" in wrong.err
    assert "anymask login URL" in wrong.err
    missing = anymask("status", 999_999, "--json")
    assert (missing.code, missing.json["error"]["code"]) == (1, "project.not_found")
    for arguments in ([], ["status"], ["sing"], ["export", project, "--splits", "many"]):
        ended = anymask(*arguments)
        assert (ended.code, ended.out) == (2, "")
        assert "usage: anymask" in ended.err
    nothing = anymask("upload", project, "nowhere.jpg")
    assert (nothing.code, nothing.err) == (1, "anymask: There is no nowhere.jpg.\n")


def test_status_watches_until_nothing_waits(client: Client, project: int, anymask: Anymask) -> None:
    client.upload(project, [SAMPLE])
    ended = anymask("status", project, "--watch")
    assert ended.code == 0, ended.err
    assert "images     4, 0 with masks\n" in ended.out
    assert "embeddings 4 ready, 0 running, 0 queued, 0 failed\n" in ended.out
    assert client.embeddings(project)["ready"] == 4


def test_jobs_are_listed(client: Client, project: int, anymask: Anymask) -> None:
    job = client.job_wait(client.export_start(project)["id"])
    listed = anymask("jobs", project, "--json").json
    assert [(one["id"], one["state"]) for one in listed] == [(job["id"], "succeeded")]
    assert job["id"] in anymask("jobs", "--limit", 5).out


def test_a_release_is_made_fetched_and_gone_on_with(
    client: Client, project: int, labelled: dict[str, list[np.ndarray]], tmp_path: Path, anymask: Anymask
) -> None:
    begun = anymask("release", project, "--name", "Cats", "--status", "in_progress", "--short-side", "none")
    assert begun.code == 0, begun.err
    ended = anymask(
        "release",
        project,
        "--name",
        "Cats",
        "--status",
        "in_progress",
        "--short-side",
        "none",
        "--out",
        "cats.zip",
    )
    assert ended.code == 0, ended.err
    begun_on = [drawn for drawn in labelled.values() if drawn]
    masks = sum(map(len, begun_on))
    assert f"cats.zip: {len(begun_on)} images, {masks} masks" in ended.out
    with zipfile.ZipFile(tmp_path / "cats.zip") as archive:
        card = json.loads(archive.read("data_card.json"))
    assert (card["name"], card["counts"]["masks"]) == ("Cats", masks)
    assert len(list(client.jobs(project, kind="release"))) <= 2
    assert anymask("release", project, "--short-side", "small").code == 2


def test_masks_of_an_image_come_as_a_table_and_as_arrays(
    client: Client, project: int, labelled: dict[str, list[np.ndarray]], tmp_path: Path, anymask: Anymask
) -> None:
    image = next(client.images(project))
    ended = anymask("masks", image["id"], "--npz", "masks.npz")
    assert ended.code == 0, ended.err
    assert [line.split()[1] for line in ended.out.splitlines()] == ["LABEL", "cat", "dog"]
    arrays = np.load(tmp_path / "masks.npz")
    assert (arrays["masks"] == np.stack(labelled[image["file_name"]])).all()
    assert arrays["labels"].tolist() == ["cat", "dog"]
    assert arrays["boxes"].shape == (2, 4)
    empty = anymask("masks", list(client.images(project))[-1]["id"], "--json")
    assert (empty.code, empty.json) == (0, [])


def test_masks_are_stored_as_they_were_drawn_and_once(client: Client, project: int) -> None:
    client.upload(project, [SAMPLE])
    image = next(client.images(project))
    pixels = np.random.default_rng(5).random((image["height"], image["width"])) < 0.3
    made = client.mask_create(image["id"], pixels, None, mask_id="01234567-89ab-4cde-8f01-23456789abcd")
    again = client.mask_create(image["id"], pixels, None, mask_id="01234567-89ab-4cde-8f01-23456789abcd")
    assert made == again
    [stored] = client.masks(image["id"])
    assert (mask_decode(stored["segmentation"]) == pixels).all()
    assert stored["area"] == pixels.sum()
    client.mask_delete(stored)
    assert client.masks(image["id"]) == []


def test_a_terminal_shows_a_bar_with_what_is_left(system: System, project: int, tmp_path: Path) -> None:
    """What is drawn is drawn over; what stays is the answer."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command("upload", project, SAMPLE),
        cwd=tmp_path,
        env=environment_of(system.address, system.token, tmp_path / "home"),
        stdout=subprocess.PIPE,
        stderr=slave,
        text=True,
    )
    os.close(slave)
    out, _ = process.communicate(timeout=60)
    shown = os.read(master, 100_000).decode()
    os.close(master)
    assert out == "4 new, 0 there already, 0 refused.\n"
    assert "Uploading  [########################] 100%" in shown
    assert shown.endswith(" \r"), "the bar is gone at the end"
