"""The network as the generator's decoder against `SamPredictor.predict_batch`: same logits, same IoU predictions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam.build import build_sam, model_config
from models.sam.load import load_model
from models.sam.mask_generation import network
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings
from models.sam.modeling.sam import Sam
from models.sam.postprocess import upscale_masks
from models.sam.predictor import SamPredictor
from models.sam.transforms import resized_size
from models.sam.upscaling import MaskUpscaling

POINTS = np.array([[60.0, 50.0], [7.5, 3.25], [100.0, 171.0], [89.0, 1.0]])


@pytest.fixture(scope="module", params=["tiny", "official width", "with maps", "anymask_s"])
def predictor(request: pytest.FixtureRequest, tiny_sam: Sam) -> SamPredictor:
    if request.param == "tiny":
        return SamPredictor(tiny_sam)
    if request.param == "anymask_s":
        return SamPredictor(load_model("anymask_s", None, "cpu"))
    torch.manual_seed(0)
    configs = {
        "official width": replace(model_config("tiny"), prompt_width=256, transformer_depth=3),
        "with maps": replace(
            model_config("anymask_s"),
            image_size=256,
            transformer_mlp_dim=64,
            prompt_similarity=False,
            mask_quality=False,
        ),
    }
    model = build_sam(configs[request.param])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
    return SamPredictor(model)


@pytest.fixture(scope="module")
def crop(golden: Path) -> np.ndarray:
    return np.load(golden / "tiny_encoder.npz")["image_u8"][:175, :101]


@pytest.mark.parametrize("together", [False, True])
def test_points_are_answered_as_by_the_predictor(
    together: bool, predictor: SamPredictor, crop: np.ndarray
) -> None:
    predictor.set_image(crop)
    expected = predictor.predict_batch(POINTS[:, None], np.ones((4, 1), int), return_logits=True)
    answers = NetworkDecoder(predictor, together).look_at(crop).decode(POINTS)
    torch.testing.assert_close(answers.iou_predictions, expected.iou_predictions, atol=2e-5, rtol=1e-4)
    numbers = torch.tensor([0, 1, 2, 4, 8, 9, 10, 11])
    answers.choose(numbers)
    wanted = expected.masks.flatten(0, 1)[numbers]
    assert float((answers.logits(numbers) - wanted).abs().max() / wanted.std()) < 5e-5


def test_the_generator_finds_what_plain_batches_find(predictor: SamPredictor, crop: np.ndarray) -> None:
    chosen = GeneratorSettings(points_per_side=4, pred_iou_thresh=0, stability_score_thresh=0)
    records = AutomaticMaskGenerator(NetworkDecoder(predictor)).generate(crop, chosen)
    others = AutomaticMaskGenerator(NetworkDecoder(predictor, together=True)).generate(crop, chosen)
    assert records
    assert [record["point_coords"] for record in records] == [record["point_coords"] for record in others]
    for record, other in zip(records, others, strict=True):
        assert abs(record["area"] - other["area"]) <= 2
        assert record["stability_score"] == pytest.approx(other["stability_score"], abs=1e-3)


@pytest.mark.parametrize(
    ("side", "size"), [(1024, (480, 640)), (512, (333, 1201)), (1024, (4, 3)), (256, (180, 270))]
)
def test_masks_are_stretched_as_in_two_steps(side: int, size: tuple[int, int]) -> None:
    logits = torch.randn(3, 256, 256, generator=torch.Generator().manual_seed(0))
    inside = resized_size(*size, side)
    expected = upscale_masks(logits[None], side, inside, size)[0]
    stretched = MaskUpscaling(256, side, inside, size, torch.device("cpu"))(logits)
    torch.testing.assert_close(stretched, expected, atol=5e-5, rtol=0)


def test_threads_decode_side_by_side_and_leave_torch_as_it_was(
    predictor: SamPredictor, crop: np.ndarray
) -> None:
    before, numbers = torch.get_num_threads(), torch.arange(12)
    answers = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            decoded = NetworkDecoder(predictor).look_at(crop).decode(POINTS)
            decoded.choose(numbers)
            assert torch.get_num_threads() == threads
            answers.append((decoded.logits(numbers), decoded.iou_predictions))
    finally:
        torch.set_num_threads(before)
    for one, other in zip(*answers, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4 * float(one.std()), rtol=1e-4)


def test_a_batch_fits_into_the_memory_there_is(
    predictor: SamPredictor, crop: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = NetworkDecoder(predictor).look_at(crop)
    point = network._PASSES * looked.encoded.embedding.nbytes
    for points, batch in ((1000, 64), (10, 10), (0, 1)):
        free = int(points * point / network._SHARE_OF_MEMORY)
        monkeypatch.setattr(network, "free_memory", lambda device, free=free: free)
        assert looked.usual_batch == batch
