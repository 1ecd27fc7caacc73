"""A model is retrained from accepted masks, promoted and rolled back; who is annotating gets it with the next image."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.builders import rectangle
from tests.e2e.annotator import Annotator, log_in
from tests.e2e.stored import create_masks, masks_of, send
from tests.e2e.test_accessibility import set_theme, violations
from tests.e2e.test_team import IMAGES, SIZE, photographs

pytestmark = pytest.mark.e2e

# The last three are opened in the annotator.
MOST_ACCEPTED = IMAGES - 3
STEPS = 1


def accept(page: Page, image: str) -> None:
    """Two masks, submitted and accepted, as a person and a reviewer do it."""
    create_masks(
        page, image, *(rectangle(*SIZE, 40 + 120 * row, 60, 130 + 120 * row, 200) for row in range(2))
    )
    for step in ("submit", "accept"):
        answer = send(page, "POST", f"/api/v1/images/{image}/work/{step}/")
        assert answer.ok, answer.text()


def accept_enough(page: Page, project: int, images: dict[str, str]) -> None:
    """As few images as a training needs, so that it is a short one."""
    for number in range(MOST_ACCEPTED):
        accept(page, images[f"{number:02}.jpg"])
        found = page.request.get(f"/api/v1/projects/{project}/training-material/").json()
        if all(found[f"{side}_masks"] >= found[f"{side}_masks_needed"] for side in ("train", "val")):
            return
    raise AssertionError(found)


def open_training(page: Page, project: int) -> None:
    page.goto(f"/projects/{project}")
    page.get_by_test_id("models-open").click()
    page.get_by_test_id("training-tab").click()


def expect_model(annotator: Page, file_name: str, model: str) -> None:
    """Waits until this image is open and decoded with this model."""
    root = annotator.get_by_test_id("annotator")
    expect(annotator.get_by_test_id("file-name")).to_have_text(file_name)
    expect(root).to_have_attribute("data-model", model)
    expect(root).to_have_attribute("data-decoder", "ready", timeout=60_000)


def mask_by_click(annotator: Page) -> str:
    """The model that a mask says it is of, made by one click on the open image."""
    tool = Annotator(annotator, SIZE)
    tool.show_pixel_by_pixel()
    before = {mask["id"] for mask in masks_of(annotator, tool.image_id)}
    tool.click(200, 150)
    tool.save()
    [made] = [mask for mask in masks_of(annotator, tool.image_id) if mask["id"] not in before]
    return str(made["model"])


def test_a_retrained_model_is_measured_promoted_and_rolled_back(page: Page) -> None:
    log_in(page)
    project = send(page, "POST", "/api/v1/projects/", {"name": "Retrained"}).json()["id"]
    label = {"name": "thing", "color": "#e69f00"}
    send(page, "POST", f"/api/v1/projects/{project}/labels/", label)
    page.goto(f"/projects/{project}")
    page.get_by_test_id("upload-input").set_input_files(photographs())  # type: ignore[arg-type]
    expect(page.get_by_test_id("work-count-ready")).to_have_text(f"Ready {IMAGES}", timeout=120_000)
    listed = page.request.get(f"/api/v1/projects/{project}/images/?page_size=50").json()["results"]
    images = {image["file_name"]: str(image["id"]) for image in listed}
    before = page.request.get(f"/api/v1/projects/{project}/model/").json()["model"]
    parent = f"{before['name']}@{before['version']}"

    page.get_by_test_id("dashboard-open").click()
    page.get_by_test_id("engine-tab").click()
    expect(page.get_by_test_id("engine")).to_have_attribute("data-rounds", "1")
    expect(page.get_by_test_id("empty-state")).to_contain_text("After the first retraining")

    # Nothing is accepted: it is said what is missing, and nothing can be started.
    open_training(page, project)
    expect(page.get_by_test_id("empty-state")).to_contain_text("Not retrained yet")
    page.get_by_test_id("training-new").click()
    expect(page.get_by_test_id("training-too-few")).to_contain_text("No image with masks is accepted yet")
    expect(page.get_by_test_id("training-start")).to_be_disabled()
    page.keyboard.press("Escape")
    accept_enough(page, project, images)

    annotator = page.context.new_page()
    annotator.goto(f"/images/{images['07.jpg']}")
    expect_model(annotator, "07.jpg", parent)
    # The next image is fetched ahead, with the model of now.
    expect(annotator.get_by_test_id("annotator")).to_have_attribute("data-prefetched", "true")

    page.get_by_test_id("training-new").click()
    expect(page.get_by_test_id("training-material")).to_have_attribute("data-is-enough", "true")
    page.get_by_label("Steps at most").fill(str(STEPS))
    page.get_by_test_id("training-start").click()
    run = page.get_by_test_id("run")
    expect(run).to_have_attribute("data-state", re.compile("queued|running"))
    expect(page.get_by_test_id("run-progress")).to_contain_text("%", timeout=60_000)
    expect(page.get_by_test_id("val-curve")).to_have_attribute("data-points", str(STEPS + 1), timeout=400_000)
    expect(run).to_have_attribute("data-state", "succeeded", timeout=400_000)
    verdict = page.get_by_test_id("run-verdict")
    expect(verdict).to_contain_text("Mean IoU")
    expect(page.get_by_test_id("figure-row").first).to_have_attribute("data-figure", "mean_miou")
    picture = page.get_by_test_id("comparison-picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.naturalWidth") > 600
    assert violations(page) == []

    promote(page, str(verdict.get_attribute("data-verdict")))
    expect(page.get_by_test_id("run-promoted")).to_be_visible()
    page.get_by_role("tab", name="This project").click()
    child = page.get_by_test_id("project-model-name").inner_text()
    assert child != parent
    expect(page.get_by_test_id("model-embeddings")).to_have_attribute(
        "data-ready", str(IMAGES), timeout=120_000
    )
    assert violations(page) == []

    # The image that is open stays with its model, the next one comes with the new one. Nothing was loaded anew.
    annotator.bring_to_front()
    annotator.evaluate("window.isSamePage = true")
    annotator.keyboard.press("n")
    expect_model(annotator, "08.jpg", child)
    assert mask_by_click(annotator) == child

    page.bring_to_front()
    page.get_by_test_id("model-roll-back").click()
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_test_id("project-model-name")).to_have_text(parent)
    expect(page.get_by_test_id("model-history").locator("li").first).to_have_attribute(
        "data-reason", "rolled_back"
    )
    annotator.bring_to_front()
    annotator.keyboard.press("n")
    expect_model(annotator, "09.jpg", parent)
    assert mask_by_click(annotator) == parent
    assert annotator.evaluate("window.isSamePage") is True

    page.bring_to_front()
    page.get_by_test_id("registry-tab").click()
    for model, is_used in ((parent, "true"), (child, "false")):
        row = page.locator(f'[data-testid="registry-row"][data-model="{model}"]')
        expect(row).to_have_attribute("data-is-used", is_used)
    assert violations(page) == []
    expect_rounds(page, parent, child)
    annotator.close()
    assert send(page, "DELETE", f"/api/v1/projects/{project}/").status == 204


def expect_rounds(page: Page, parent: str, child: str) -> None:
    """The data engine tells the three rounds: with the parent, with the child, and with the parent again."""
    page.get_by_role("tab", name="This project").click()
    page.get_by_test_id("engine-open").click()
    expect(page.get_by_test_id("engine")).to_have_attribute("data-rounds", "3")
    table = page.get_by_role("table", name="The data engine by round")

    def line(name: str) -> list[str]:
        row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
        return row.get_by_role("cell").all_inner_texts()

    assert line("Model") == [parent, child, parent]
    assert line("It came")[2] == "rolled back"
    # The one mask that was clicked with it; all others were written by a script, or clicked with the parent.
    assert (line("Masks")[1], line("Masks by hand")[1], line("Clicks per mask by hand")[1]) == (
        "1",
        "1",
        "1.0",
    )
    assert sorted(line("Masks by hand")) == ["0", "1", "1"]
    assert line("Seconds per mask by hand")[1].endswith(" s")
    miou = line("Mean IoU")
    assert miou[0] == miou[2] == "–"
    assert 0 < float(miou[1]) <= 1
    chart = page.get_by_test_id("chart-engine-seconds")
    expect(chart.locator("circle")).to_have_count(2)
    expect(chart.locator(".round-reference")).to_have_count(2)
    page.get_by_test_id("paper-switch").click()
    expect(chart.locator(".round-reference")).to_have_count(0)
    for theme in ("light", "dark"):
        set_theme(page, theme)
        expect(chart).to_be_visible()
        assert violations(page) == []


def promote(page: Page, verdict: str) -> None:
    """One click for a better model; another one is promoted only by who says so twice."""
    page.get_by_test_id("run-promote").click()
    if verdict == "better":
        return
    expect(page.get_by_test_id("promote-confirm")).to_be_disabled()
    page.get_by_test_id("promote-anyway").check()
    page.get_by_test_id("promote-confirm").click()
