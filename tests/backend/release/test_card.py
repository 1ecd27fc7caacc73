"""The card's figures against values computed by hand, and what it says in words."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from django.utils import timezone

from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.quality.check_models import CheckedImage, QualityCheck
from backend.release.counting import Counting
from backend.release.shapes import concavity, hull_area
from backend.users.models import User
from backend.work.models import WorkItem
from tests.backend.release.conftest import HEIGHT, WIDTH, box, card_of, mask_of, released


def test_the_hull_is_that_of_the_pixels_squares() -> None:
    whole = np.ones((7, 9), bool)
    single = np.zeros((7, 9), bool)
    single[3, 4] = True
    # Two pixels at a diagonal: the hull is the hexagon around both squares.
    diagonal = np.zeros((7, 9), bool)
    diagonal[2, 2] = diagonal[3, 3] = True
    # Columns 2 and 3 in full, and what is left and right of them: runs that go on in the next column.
    crossing = np.zeros((7, 9), bool)
    crossing[5:, 1] = crossing[:, 2] = crossing[:, 3] = crossing[:2, 4] = True
    for pixels, area in ((whole, 63.0), (single, 1.0), (diagonal, 3.0), (crossing, 14 + 2 + 2.5 + 2 + 2.5)):
        assert hull_area(mask_of(pixels)) == pytest.approx(area)
    assert concavity(mask_of(whole)) == 0.0
    # An L of three quarters of a square of 20: half of the missing quarter's square is inside of the hull.
    hollow = box(10, 10, 30, 30) & ~box(10, 20, 20, 30)
    assert concavity(mask_of(hollow)) == pytest.approx(1 - 300 / 350)


def test_any_mask_has_the_hull_of_its_corners() -> None:
    from scipy.spatial import ConvexHull

    rng = np.random.default_rng(7)
    for _ in range(20):
        pixels = rng.random((13, 11)) < rng.choice([0.05, 0.5, 0.95])
        pixels[rng.integers(13), rng.integers(11)] = True
        rows, columns = np.nonzero(pixels)
        corners = np.concatenate([np.stack([columns + dx, rows + dy], 1) for dx in (0, 1) for dy in (0, 1)])
        assert hull_area(mask_of(pixels)) == pytest.approx(ConvexHull(corners).volume)


def test_figures_are_those_counted_by_hand(
    project: Project, accepted: list[Image], make_user: Callable[[str], User]
) -> None:
    reviewer = make_user("rolf")
    membership_set(project=project, user=reviewer, role=Membership.Role.REVIEWER)
    WorkItem.objects.filter(pk=accepted[0].pk).update(reviewer=reviewer)
    Image.objects.filter(pk=accepted[0].pk).update(licence_note="CC0")
    archive, result = released(project, description="Cats on streets.", licence="CC BY 4.0")
    card = card_of(archive)
    assert card["counts"] == {"images": 3, "masks": 3, "images_without_masks": 1}
    assert card["made_by"] == {"people": 1, "reviewers": 1}
    per_image = card["masks_per_image"]
    assert (per_image["mean"], per_image["median"], per_image["min"], per_image["max"]) == (1.0, 1.0, 0, 2)
    assert [row["images"] for row in per_image["histogram"]] == [1, 2, 0, 0, 0, 0]
    # sqrt(1200 / 4800) = 0.5, sqrt(4 / 4800) = 0.03, sqrt(300 / 4800) = 0.25.
    assert nonzero(card["mask_size"]["bins"]) == {10: 1, 0: 1, 5: 1}
    assert card["concavity"]["mean"] == pytest.approx((1 - 300 / 350) / 3)
    assert nonzero(card["concavity"]["bins"]) == {0: 2, 2: 1}
    # Middles at (20, 15), (79, 59) and (20, 20) of 80 x 60, in 32 x 32 cells.
    grid = np.array(card["centres"]["grid"])
    assert {(int(row), int(column)) for row, column in np.argwhere(grid)} == {(8, 8), (31, 31), (10, 8)}
    assert grid.sum() == 3
    assert card["stages"] == [
        {"stage": "assisted_manual", "masks": 2, "share": pytest.approx(2 / 3)},
        {"stage": "fully_automatic", "masks": 1, "share": pytest.approx(1 / 3)},
    ]
    assert {row["model"]: row["masks"] for row in card["models"]} == {str(project.model): 2, None: 1}
    assert {row["label"]: row["masks"] for row in card["labels"]} == {"cat": 1, "object": 1, None: 1}
    assert card["unknown_values"] == {
        "written_as": -1.0,
        "predicted_iou": 1,
        "stability_score": 1,
        "point_coords": 1,
    }
    assert card["resolution"]["released"]["width"] == {"min": WIDTH, "mean": WIDTH, "max": WIDTH}
    assert card["resolution"]["as_shown"]["height"]["mean"] == HEIGHT
    assert {row["note"]: row["images"] for row in card["image_licences"]} == {"CC0": 1, "": 2}
    assert card["privacy"]["images_not_looked_at"] == 3
    assert card["quality_check"] is None
    assert card["lost"]["masks_without_pixels"] == 0
    assert result["card"]["number"] == card["number"] == 1


def nonzero(bins: list[int]) -> dict[int, int]:
    return {place: count for place, count in enumerate(bins) if count}


@pytest.fixture
def check(project: Project, accepted: list[Image], owner: User) -> QualityCheck:
    """Closed: of 100 masks 94 above 0.9 and 97 above 0.75."""
    made = QualityCheck.objects.create(
        project=project, name="Spring", seed=1, masks_wanted=100, closed_at=timezone.now()
    )
    CheckedImage.objects.create(
        of_check=made,
        image=accepted[0],
        checker=owner,
        is_own=True,
        state="submitted",
        mask_count=100,
        iou_sum=96.5,
        above_90=94,
        above_75=97,
        histogram=[0] * 19 + [100],
        deleted=2,
        added=1,
    )
    return made


def test_the_quality_check_is_told_with_its_intervals(
    project: Project, accepted: list[Image], check: QualityCheck
) -> None:
    archive, result = released(project, check=check.pk)
    told = card_of(archive)["quality_check"]
    assert (told["name"], told["masks"], told["mean_iou"]) == ("Spring", 100, pytest.approx(0.965))
    assert told["above_90"] == {
        "share": 0.94,
        "low": pytest.approx(0.8752, abs=1e-4),
        "high": pytest.approx(0.9722, abs=1e-4),
    }
    assert result["card"]["quality_check"]["above_75"]["share"] == 0.97
    text = archive.read("data_card.md").decode()
    assert "| IoU over 0.90 | 94.0% | 87.5% to 97.2% | 94% |" in text
    assert "checked by the person whose work they are" in text
    assert "plots/quality.svg" in archive.namelist()


def test_without_a_check_the_card_says_so(project: Project, accepted: list[Image]) -> None:
    archive, _ = released(project)
    for name in ("data_card.md", "data_card.html"):
        assert "No quality check was made" in archive.read(name).decode()


def test_an_open_check_or_another_projects_is_not_cited(
    project: Project,
    accepted: list[Image],
    check: QualityCheck,
    make_project: Callable[..., Project],
    owner: User,
) -> None:
    from backend.common.errors import InvalidInput

    QualityCheck.objects.filter(pk=check.pk).update(closed_at=None)
    with pytest.raises(InvalidInput, match="closed"):
        released(project, check=check.pk)
    elsewhere = make_project(owner, name="dogs")
    QualityCheck.objects.filter(pk=check.pk).update(closed_at=timezone.now(), project=elsewhere)
    with pytest.raises(InvalidInput, match="its project"):
        released(project, check=check.pk)


def test_what_people_wrote_is_text_and_no_markup(project: Project, accepted: list[Image]) -> None:
    wild = "<script>alert(1)</script> | [x](http://y) *b*\n# Title"
    archive, _ = released(project, name="<b>Wild</b>", description=wild)
    page = archive.read("data_card.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http://y", "")
    text = archive.read("data_card.md").decode()
    assert "\\<script\\>" in text
    assert "\\# Title" in text


def test_plots_are_whole_and_need_nothing_else(
    project: Project, accepted: list[Image], check: QualityCheck
) -> None:
    archive, _ = released(project, check=check.pk)
    plots = [path for path in archive.namelist() if path.startswith("plots/")]
    assert len(plots) == 5
    for path in plots:
        root = ET.fromstring(archive.read(path))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.find("{http://www.w3.org/2000/svg}style") is not None
    page = archive.read("data_card.html").decode()
    assert page.count("<svg") == 5


def test_many_different_licence_notes_are_counted_together(project: Project, accepted: list[Image]) -> None:
    from backend.formats.records import Picture

    counting = Counting()
    picture = Picture(1, "a.jpg", "a.jpg", 4, 4, "", "")
    for number in range(500):
        counting.picture_add(accepted[0], replace(picture, licence_note=f"note {number}"), [], emptied=0)
    assert len(counting.licences) == 201
    assert counting.licences[None] == 300
