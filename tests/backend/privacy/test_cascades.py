"""OpenCV's cascades on photographs and drawings whose faces and plates are known."""

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest
import skimage.data

from backend.privacy.cascades import CascadeDetector, _joined
from backend.privacy.detecting import Detection, Kind

# Eileen Collins' eyes, nose and mouth in scikit-image's photograph: XYXY.
FACE = (185, 80, 265, 160)


def overlap(box: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Of the second one, the share that the first one covers."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(0, width) * max(0, height) / ((other[2] - other[0]) * (other[3] - other[1]))


@pytest.mark.parametrize("size", [130, 512, 2200])
def test_a_face_is_found_at_every_size_and_lies_in_the_picture(size: int) -> None:
    pixels = np.asarray(PIL.Image.fromarray(skimage.data.astronaut()).resize((size, size)))
    face = tuple(round(side * size / 512) for side in FACE)
    found = CascadeDetector().detect(pixels, [Kind.FACE], is_strict=False)
    assert max(overlap(one.box, face) for one in found) > 0.8
    for one in found:
        assert one.kind == Kind.FACE
        assert 0 <= one.box[0] < one.box[2] <= size
        assert 0 <= one.box[1] < one.box[3] <= size


def test_stricter_settings_find_at_least_as_much() -> None:
    detector, pixels = CascadeDetector(), skimage.data.astronaut()
    usual = detector.detect(pixels, [Kind.FACE], is_strict=False)
    strict = detector.detect(pixels, [Kind.FACE], is_strict=True)
    assert all(any(overlap(more.box, one.box) > 0.6 for more in strict) for one in usual)
    assert len(strict) > len(usual)


def test_a_profile_is_found_on_both_sides() -> None:
    """The photographer looks to the left; mirrored he looks to the right."""
    grey = skimage.data.camera()[60:220, 100:300]
    for pixels in (grey, grey[:, ::-1]):
        rgb = np.ascontiguousarray(np.stack([pixels] * 3, axis=2))
        assert CascadeDetector().detect(rgb, [Kind.FACE], is_strict=False)


def test_a_plate_is_found_and_nothing_that_was_not_asked_for() -> None:
    picture = PIL.Image.new("RGB", (640, 400), (90, 95, 100))
    draw = PIL.ImageDraw.Draw(picture)
    draw.rectangle((200, 180, 420, 230), fill=(245, 245, 245), outline=(10, 10, 10), width=3)
    draw.text((212, 182), "A 123 BC 77", fill=(10, 10, 10), font=PIL.ImageFont.load_default(38))
    pixels = np.asarray(picture)
    found = CascadeDetector().detect(pixels, [Kind.PLATE], is_strict=True)
    assert max(overlap(one.box, (200, 180, 420, 230)) for one in found) > 0.5
    assert CascadeDetector().detect(pixels, [], is_strict=True) == []


@pytest.mark.parametrize("size", [(1, 1), (19, 3), (5000, 2)])
def test_a_picture_too_small_for_any_face_has_none(size: tuple[int, int]) -> None:
    pixels = np.zeros((*size, 3), np.uint8)
    assert CascadeDetector().detect(pixels, list(Kind), is_strict=True) == []


def test_overlapping_findings_of_a_kind_are_one() -> None:
    found = [
        Detection(Kind.FACE, (0, 0, 10, 10), 1.0),
        Detection(Kind.FACE, (2, 2, 12, 12), 3.0),
        Detection(Kind.FACE, (9, 9, 19, 19), 2.0),
        Detection(Kind.PLATE, (0, 0, 10, 10), 5.0),
    ]
    assert _joined(found) == [
        Detection(Kind.FACE, (0, 0, 12, 12), 3.0),
        Detection(Kind.FACE, (9, 9, 19, 19), 2.0),
        Detection(Kind.PLATE, (0, 0, 10, 10), 5.0),
    ]
