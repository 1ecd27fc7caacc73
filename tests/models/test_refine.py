"""Crops around boxes: exact geometry, and the same answer as asking about the crop by hand."""

import numpy as np
import pytest

from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.refine import box_into, clip_to_box, crop_window, cut, paste, points_into

PHOTOGRAPH = np.random.default_rng(0).integers(0, 255, (90, 140, 3), np.uint8)


@pytest.fixture
def predictor(tiny_sam: Sam) -> SamPredictor:
    return SamPredictor(tiny_sam)


@pytest.mark.parametrize(
    ("box", "window"),
    [
        ((50, 40, 60, 50), (45, 35, 65, 55)),  # twice the box around its centre
        ((50, 40, 60, 44), (45, 32, 65, 52)),  # square: the longer side counts
        ((0, 0, 10, 10), (0, 0, 20, 20)),  # moved inside, not cut
        ((130, 80, 140, 90), (120, 70, 140, 90)),
        ((20, 10, 90, 80), (0, 0, 140, 90)),  # cut where the photograph ends: 140 wide, 90 high
        ((50.5, 40.5, 60.5, 50.5), (45, 35, 66, 56)),  # rounded outwards
        ((0, 0, 140, 90), (0, 0, 140, 90)),
        ((139.2, 89.4, 139.3, 89.5), (139, 89, 140, 90)),  # never less than a pixel
    ],
)
def test_the_window_is_a_square_inside_the_photograph(
    box: tuple[float, ...], window: tuple[int, ...]
) -> None:
    assert crop_window(np.array(box), (90, 140)) == window


def test_every_box_lies_in_its_window() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        x, y = rng.uniform(0, 130), rng.uniform(0, 80)
        box = np.array([x, y, rng.uniform(x + 0.5, 140), rng.uniform(y + 0.5, 90)])
        x0, y0, x1, y1 = crop_window(box, (90, 140), rng.uniform(1, 4))
        assert 0 <= x0 <= box[0]
        assert 0 <= y0 <= box[1]
        assert box[2] <= x1 <= 140
        assert box[3] <= y1 <= 90


@pytest.mark.parametrize(
    ("box", "scale", "message"),
    [
        ((5, 5, 5, 9), 2, "with area"),
        ((9, 5, 5, 9), 2, "with area"),
        ((140, 5, 150, 9), 2, "outside"),
        ((5, -9, 9, 0), 2, "outside"),
        ((5, 5, 9, 9), 0.5, "smaller than the box"),
        ((5, 5, 9, 9), float("nan"), "smaller than the box"),
    ],
)
def test_impossible_crops_are_refused(box: tuple[float, ...], scale: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        crop_window(np.array(box), (90, 140), scale)


def test_pixels_points_and_masks_come_back_where_they_were() -> None:
    window = crop_window(np.array([60, 30, 75, 42]), (90, 140))
    crop = cut(PHOTOGRAPH, window)
    for point in ((60, 30), (74, 41), (window[0], window[3] - 1)):
        x, y = points_into(window, np.array(point)).astype(int)
        assert (crop[y, x] == PHOTOGRAPH[point[1], point[0]]).all()
    truth = PHOTOGRAPH[None, ..., 0] > 128
    back = paste(truth[:, window[1] : window[3], window[0] : window[2]], window, (90, 140))
    np.testing.assert_array_equal(cut(back[0], window), cut(truth[0], window))
    assert back.sum() == cut(truth[0], window).sum()


def test_logits_outside_the_crop_are_below_every_threshold() -> None:
    pasted = paste(np.ones((2, 3, 4), np.float32), (1, 2, 5, 5), (8, 9))
    assert pasted.dtype == np.float32
    assert np.isneginf(pasted).sum() == 2 * (72 - 12)
    assert (pasted[:, 2:5, 1:5] == 1).all()


def test_boxes_shift_and_are_cut_at_the_crop() -> None:
    assert box_into((10, 20, 50, 60), np.array([15, 25, 40, 45])).tolist() == [5, 5, 30, 25]
    assert box_into((10, 20, 50, 60), np.array([5, 25, 70, 80])).tolist() == [0, 5, 40, 40]


def test_points_outside_the_crop_are_refused() -> None:
    with pytest.raises(ValueError, match="outside the crop"):
        points_into((10, 20, 50, 60), np.array([[12, 22], [50, 30]]))


def test_clipping_keeps_the_pixels_of_the_box_only() -> None:
    mask = np.ones((2, 6, 8), bool)
    mask[1, 2, 3] = False
    clipped = clip_to_box(mask, np.array([2, 1, 5, 4]))
    assert clipped[0].sum() == 9
    assert clipped[0, 1:4, 2:5].all()
    assert clipped[1].sum() == 8


def test_a_crop_of_the_whole_photograph_is_the_photograph(predictor: SamPredictor) -> None:
    box = np.array([30.0, 20.0, 70.0, 60.0])
    predictor.set_image(PHOTOGRAPH)
    whole = predictor.predict(box=box, return_logits=True)
    crop = predictor.predict_crop(PHOTOGRAPH, box, return_logits=True, scale=10)
    assert crop.crop_box == (0, 0, 140, 90)
    np.testing.assert_array_equal(crop.masks, whole.masks)
    np.testing.assert_array_equal(crop.iou_predictions, whole.iou_predictions)


def test_a_crop_answers_as_if_it_were_the_image(predictor: SamPredictor) -> None:
    predictor.set_image(PHOTOGRAPH[35:55, 45:65])
    by_hand = predictor.predict(np.array([[9.0, 8.0]]), np.array([1]), np.array([5.0, 5.0, 15.0, 15.0]))
    predictor.images = []
    crop = predictor.predict_crop(PHOTOGRAPH, np.array([50, 40, 60, 50]), np.array([[54, 43]]), np.array([1]))
    assert crop.crop_box == (45, 35, 65, 55)
    assert by_hand.masks.any()
    assert crop.masks.shape == (3, 90, 140)
    np.testing.assert_array_equal(crop.masks[:, 35:55, 45:65], by_hand.masks)
    assert crop.masks.sum() == by_hand.masks.sum()
    np.testing.assert_array_equal(crop.low_res_masks, by_hand.low_res_masks)


def test_looking_at_a_crop_leaves_the_image_set(predictor: SamPredictor) -> None:
    box = np.array([30.0, 20.0, 70.0, 60.0])
    predictor.set_image(PHOTOGRAPH)
    before = predictor.predict(box=box, return_logits=True).masks
    predictor.predict_crop(PHOTOGRAPH, box)
    np.testing.assert_array_equal(predictor.predict(box=box, return_logits=True).masks, before)
