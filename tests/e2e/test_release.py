"""A release check corrected by a second person, and a release that cites it, downloaded."""

import json
import zipfile
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.builders import encode_mask, make_file, make_pixels, rectangle
from tests.e2e.annotator import log_in
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_member
from tests.e2e.stored import create_masks, masks_of, send
from tests.e2e.test_quality import session_of

pytestmark = pytest.mark.e2e

HEIGHT, WIDTH = 120, 160
# Two masks on each of two images. Of the 1000 pixels of one the checker leaves 800; another one they delete.
DRAWN = (rectangle(HEIGHT, WIDTH, 10, 10, 30, 60), rectangle(HEIGHT, WIDTH, 60, 80, 100, 140))
REDRAWN = rectangle(HEIGHT, WIDTH, 10, 10, 26, 60)


def accepted_images(page: Page, project: int) -> list[int]:
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    made = []
    for seed in (1, 2):
        file = {
            "name": f"slope-{seed}.png",
            "mimeType": "image/png",
            "buffer": make_file(make_pixels(WIDTH, HEIGHT, seed=seed)),
        }
        uploaded = page.request.post(
            f"/api/v1/projects/{project}/images/", multipart={"files": file}, headers=headers
        )
        image = uploaded.json()["created"][0]["id"]
        create_masks(page, str(image), *DRAWN)
        for step in ("submit", "accept"):
            assert send(page, "POST", f"/api/v1/images/{image}/work/{step}/").ok
        made.append(image)
    return made


def correct(session: requests.Session, api: str, project: int) -> None:
    """Redraws a mask of the first copy, deletes one of the second, and submits both."""
    first, second = session.get(f"{api}/projects/{project}/images/", timeout=30).json()["results"]
    mask = session.get(f"{api}/images/{first['id']}/masks/", timeout=30).json()[0]
    body = {"revision": mask["revision"], "segmentation": encode_mask(REDRAWN), "tool": "brush"}
    assert session.patch(f"{api}/masks/{mask['id']}/", json=body, timeout=30).status_code == 200
    mask = session.get(f"{api}/images/{second['id']}/masks/", timeout=30).json()[1]
    gone = session.delete(f"{api}/masks/{mask['id']}/?revision={mask['revision']}", timeout=30)
    assert gone.status_code == 204
    for image in (first, second):
        submitted = session.post(f"{api}/images/{image['id']}/work/submit/", timeout=30)
        assert submitted.status_code == 200, submitted.text


def test_a_check_is_made_corrected_and_cited_by_a_release(
    page: Page, anymask: RunningSystem, tmp_path: Path
) -> None:
    log_in(page)
    project = send(page, "POST", "/api/v1/projects/", {"name": "Street cats"}).json()["id"]
    images = accepted_images(page, project)
    checker = session_of(anymask, "chloe")
    make_member(anymask, project, "chloe", "annotator")

    page.goto(f"/projects/{project}")
    page.get_by_test_id("quality-open").click()
    page.get_by_role("tab", name="Release check").click()
    page.get_by_test_id("check-new").click()
    page.get_by_label("Name").fill("Before release 1")
    page.get_by_test_id("check-people").fill("chloe")
    page.get_by_role("option", name="chloe").click()
    page.get_by_label("Masks, by chance").fill("4")
    page.get_by_test_id("check-begin").click()
    expect(page.get_by_test_id("checked-image")).to_have_count(2)
    expect(page.get_by_text("0 of 2 images checked")).to_be_visible()

    correct(checker, f"{anymask.url}/api/v1", project)
    page.reload()
    figures = page.get_by_test_id("check-figures")
    # IoUs 0.8, 1, 1 and 0.
    expect(figures).to_contain_text("IoU over 0.90: 50.0 %")
    expect(figures).to_contain_text("IoU over 0.75: 75.0 %")
    expect(figures).to_contain_text("Mean IoU 0.700 of 4 masks on 2 images: 1 redrawn, 1 deleted.")
    page.get_by_test_id("check-close").click()
    page.get_by_role("button", name="Close the check").last.click()
    page.get_by_test_id("check-apply").click()
    page.get_by_role("button", name="Take over", exact=True).click()
    expect(page.get_by_test_id("check-applied")).to_have_text("2 corrections taken over.")
    assert sorted(len(masks_of(page, str(image))) for image in images) == [1, 2]

    page.goto(f"/projects/{project}")
    page.get_by_test_id("export-open").click()
    page.get_by_test_id("release-tab").click()
    page.get_by_test_id("release-check").click()
    page.get_by_role("option", name="Before release 1").click()
    page.get_by_label("Licence").fill("CC BY 4.0")
    page.get_by_test_id("release-start").click()
    job = page.get_by_test_id("release-job")
    expect(job).to_have_attribute("data-state", "succeeded", timeout=60_000)
    expect(job.get_by_test_id("figure-Masks")).to_contain_text("3")
    expect(job.get_by_test_id("release-quality")).to_contain_text("Before release 1: 50.0 % (15.0 to 85.0)")
    with page.expect_download() as download:
        job.get_by_test_id("release-download").click()
    path = tmp_path / "release.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        card = json.loads(archive.read("data_card.json"))
        pictures = [name for name in archive.namelist() if name.startswith("images/")]
        masks = [
            entry
            for name in archive.namelist()
            if name.startswith("annotations/")
            for entry in json.loads(archive.read(name))["annotations"]
        ]
    assert (len(pictures), len(masks)) == (2, 3)
    assert (card["licence"], card["quality_check"]["above_75"]["share"]) == ("CC BY 4.0", 0.75)
    assert send(page, "DELETE", f"/api/v1/projects/{project}/").status == 204
