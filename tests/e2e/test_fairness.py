"""A fairness report in the browser: photographs in two groups by their tags, a chart, a table, and a warning in words."""

import csv
import io
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Page, expect

from tests.builders import encode_mask, make_file
from tests.e2e.annotator import log_in
from tests.e2e.stored import send
from tests.e2e.test_accessibility import set_theme, violations

pytestmark = pytest.mark.e2e

JOB_MS = 300_000
SIDE, MASKS = 192, 6
SHOTS = os.environ.get("SCREENSHOTS")


def discs(seed: int) -> tuple[PIL.Image.Image, list[np.ndarray]]:
    """Six bright discs on a dark ground, which any model meets, and their masks."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(20, 50, (SIDE, SIDE, 3)).astype(np.uint8)
    ys, xs = np.mgrid[:SIDE, :SIDE]
    masks = []
    for place in range(MASKS):
        x, y = 34 + 62 * (place % 3), 50 + 90 * (place // 3)
        mask = (xs - x) ** 2 + (ys - y) ** 2 <= int(rng.integers(18, 26)) ** 2
        ground[mask] = rng.integers(120, 255, 3)
        masks.append(mask)
    return PIL.Image.fromarray(ground), masks


def strips(height: int, width: int) -> list[np.ndarray]:
    """Slanted strips that have nothing to do with what is on a photograph: no click finds them."""
    ys, xs = np.mgrid[:height, :width]
    return [(xs + 2 * ys) // 24 % 12 == place for place in range(MASKS)]


def upload(page: Page, project: int, name: str, content: bytes) -> dict[str, Any]:
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.request.post(
        f"/api/v1/projects/{project}/images/",
        multipart={"files": {"name": name, "mimeType": "image/png", "buffer": content}},
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert answer.ok, answer.text()
    made: dict[str, Any] = answer.json()["created"][0]
    return made


def accept(page: Page, image: int, masks: list[np.ndarray], label: int) -> None:
    """Saves the masks, hands the image in and accepts it."""
    for mask in masks:
        body = {
            "id": str(uuid.uuid4()),
            "label": label,
            "segmentation": encode_mask(mask),
            "prompts": {"points": [], "box": None, "candidate": 0},
            "stage": "assisted_manual",
        }
        assert send(page, "POST", f"/api/v1/images/{image}/masks/", body).status == 201
    for step in ("submit", "accept"):
        assert send(page, "POST", f"/api/v1/images/{image}/work/{step}/").ok


@pytest.fixture
def project(page: Page) -> Iterator[int]:
    """Five pictures of discs and five of the demo's photographs, tagged so, with six accepted masks each."""
    log_in(page)
    made = send(page, "POST", "/api/v1/projects/", {"name": "Fair"}).json()["id"]
    label = page.request.get(f"/api/v1/projects/{made}/labels/").json()[0]["id"]
    tags = {
        name: send(page, "POST", f"/api/v1/projects/{made}/tags/", {"name": name}).json()["id"]
        for name in ("discs", "photographs")
    }
    images: dict[str, list[int]] = {name: [] for name in tags}
    for seed in range(5):
        picture, masks = discs(seed)
        image = upload(page, made, f"discs-{seed}.png", make_file(picture))
        accept(page, image["id"], masks, label)
        images["discs"].append(image["id"])
    for photograph in page.request.get("/api/v1/projects/1/images/").json()["results"][:5]:
        content = page.request.get(photograph["file_url"]).body()
        image = upload(page, made, photograph["file_name"], content)
        accept(page, image["id"], strips(image["height"], image["width"]), label)
        images["photographs"].append(image["id"])
    for name, ids in images.items():
        body = {"image_ids": ids, "add": [tags[name]], "remove": []}
        assert send(page, "POST", f"/api/v1/projects/{made}/images/tags/", body).ok
    yield made
    assert send(page, "DELETE", f"/api/v1/projects/{made}/").status == 204


def look(page: Page, name: str) -> None:
    """A picture of the page for people, where the environment names a folder."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_groups_are_compared_and_one_is_warned_about(page: Page, project: int) -> None:
    page.goto(f"/projects/{project}")
    page.get_by_test_id("quality-open").click()
    page.get_by_test_id("fairness-tab").click()
    expect(page.get_by_test_id("empty-state")).to_contain_text("No report yet")
    page.get_by_test_id("report-new").click()
    page.get_by_test_id("report-masks").fill("500")
    look(page, "fairness-form")
    page.get_by_test_id("report-start").click()
    report = page.get_by_test_id("fairness-report").first
    expect(report).to_have_attribute("data-state", "succeeded", timeout=JOB_MS)
    expect(report).to_contain_text("60 masks of 10 images measured")

    # A line a group, two figures on each, and the same in a table.
    expect(page.get_by_test_id("group-chart")).to_have_attribute("data-groups", "2")
    rows = page.get_by_test_id("group-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("discs")
    expect(rows.nth(0)).to_contain_text("±")
    warnings = page.get_by_test_id("fairness-warnings")
    expect(warnings).to_contain_text("Masks tagged “photographs” are segmented worse at 1 click")
    expect(warnings).to_contain_text("for masks tagged “discs”")
    expect(page.get_by_test_id("fairness-notes")).to_contain_text("compared 2 times")

    # What the page shows is what the API tells, and both are what the rows say.
    shown = page.request.get(f"/api/v1/projects/{project}/fairness-reports/").json()["results"][0]
    answer = page.request.get(f"/api/v1/fairness-reports/{shown['id']}/groups/?by=tag&clicks=3").json()
    means = {group["name"]: group["miou"]["mean"] for group in answer["groups"]}
    lines = list(csv.DictReader(io.StringIO(page.request.get(shown["file_url"]).text())))
    assert len(lines) == 60
    for name, mean in means.items():
        measured = [float(line["iou_3"]) for line in lines if line["tags"] == name]
        assert len(measured) == 30
        assert np.mean(measured) == pytest.approx(mean, abs=1e-4)
    assert means["discs"] > 0.6 > 0.5 > means["photographs"]

    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(page.get_by_test_id("group-chart")).to_be_visible()
        assert violations(page) == []
        look(page, f"fairness-{theme}")

    # By label there is one group, and nothing to compare it with.
    page.get_by_test_id("groups-by").click()
    page.get_by_role("option", name="Label").click()
    expect(page.get_by_test_id("groups")).to_have_attribute("data-by", "label")
    expect(page.get_by_test_id("group-row")).to_have_count(1)
    expect(warnings).to_be_hidden()
    expect(page.get_by_test_id("fairness-notes")).to_contain_text("No two groups are large enough")
