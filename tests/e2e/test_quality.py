"""A consensus round in the browser: two people's masks of one image, merged by who manages the project."""

import uuid

import numpy as np
import pytest
import requests
from playwright.sync_api import Page, expect

from tests.builders import encode_mask, make_file, make_pixels, rectangle
from tests.e2e.annotator import log_in
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_person
from tests.e2e.stored import masks_of, pixels, send

pytestmark = pytest.mark.e2e

HEIGHT, WIDTH = 120, 160
# What each of them draws: common are the rows 24..79 and the columns 30..99.
DRAWN = {"hugo": (20, 30, 80, 100), "ines": (24, 30, 84, 100)}


def session_of(system: RunningSystem, name: str) -> requests.Session:
    """The person as a script of theirs would be."""
    make_person(system, name, f"{name}-secret-1")
    login = {"username": name, "password": f"{name}-secret-1"}
    answer = requests.post(f"{system.url}/api/v1/auth/token/", json=login, timeout=30)
    session = requests.Session()
    session.headers["Authorization"] = f"Token {answer.json()['token']}"
    return session


def label(session: requests.Session, api: str, name: str, project: int) -> None:
    """Labels the only image that the person sees, and submits it."""
    (image,) = session.get(f"{api}/projects/{project}/images/", timeout=30).json()["results"]
    labels = session.get(f"{api}/projects/{project}/labels/", timeout=30).json()
    body = {
        "id": str(uuid.uuid4()),
        "label": labels[0]["id"],
        "segmentation": encode_mask(rectangle(HEIGHT, WIDTH, *DRAWN[name])),
        "prompts": {"points": [], "box": None, "candidate": 0},
        "stage": "assisted_manual",
    }
    saved = session.post(f"{api}/images/{image['id']}/masks/", json=body, timeout=30)
    assert saved.status_code == 201, saved.text
    submitted = session.post(f"{api}/images/{image['id']}/work/submit/", timeout=30)
    assert submitted.status_code == 200, submitted.text


def test_a_manager_merges_what_two_people_drew(page: Page, anymask: RunningSystem) -> None:
    log_in(page)
    project = send(page, "POST", "/api/v1/projects/", {"name": "Compared"}).json()["id"]
    file = {"name": "slope.png", "mimeType": "image/png", "buffer": make_file(make_pixels(WIDTH, HEIGHT))}
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    uploaded = page.request.post(
        f"/api/v1/projects/{project}/images/", multipart={"files": file}, headers=headers
    )
    image = uploaded.json()["created"][0]["id"]
    api = f"{anymask.url}/api/v1"
    sessions = {name: session_of(anymask, name) for name in DRAWN}
    for session in sessions.values():
        wanted = {"role": "annotator", "days": 1, "note": ""}
        invitation = send(page, "POST", f"/api/v1/projects/{project}/invitations/", wanted).json()
        joined = session.post(f"{api}/invitations/accept/", json={"secret": invitation["secret"]}, timeout=30)
        assert joined.status_code == 200, joined.text
    people = [
        member["user_id"] for member in page.request.get(f"/api/v1/projects/{project}/members/").json()
    ][1:]
    body = {"name": "Pilot", "annotator_ids": people, "annotators_per_image": 2, "image_ids": [image]}
    begun = send(page, "POST", f"/api/v1/projects/{project}/quality/rounds/", body)
    assert begun.status == 201, begun.text()
    for name, session in sessions.items():
        label(session, api, name, project)

    page.goto(f"/projects/{project}")
    page.get_by_test_id("quality-open").click()
    page.get_by_test_id("rounds").get_by_role("button", name="Pilot").click()
    page.get_by_test_id("resolve-first").click()
    expect(page.get_by_test_id("object-row")).to_have_count(1)
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="ines")).to_be_checked()
    page.keyboard.press("m")
    expect(page.get_by_role("radio", name="Merge")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("resolved")).to_contain_text("Merged")
    (merged,) = masks_of(page, str(image))
    assert np.array_equal(pixels(merged), rectangle(HEIGHT, WIDTH, 24, 30, 80, 100))
    page.get_by_role("tab", name="Agreement").click()
    expect(page.get_by_test_id("agreement-row")).to_have_count(2)
    assert send(page, "DELETE", f"/api/v1/projects/{project}/").status == 204
