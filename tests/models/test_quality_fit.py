from pathlib import Path

import numpy as np
import pytest
import torch

from models.cli.fit_quality import main as fit_quality
from models.sam.build import build_sam, model_config
from models.sam.evaluation.clicking import ious
from models.sam.evaluation.clicks import farthest_point
from models.sam.load import load_model
from models.sam.modeling.mask_quality import MaskQuality
from models.sam.predictor import SamPredictor
from models.sam.quality_fit import Judgements, QualityFitConfig, collect, fit, held_out, quality_of, ranking
from models.sam.rle import area, decode
from models.sam.training.data_sources import read_images

# Products this small only wait for one another on several.
pytestmark = pytest.mark.usefixtures("one_thread")
SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


def made_up(prompts: int = 400, width: int = 8) -> Judgements:
    """Judgements of which one feature tells the true IoU, in a unit far from the others'."""
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(prompts, 4, 3 * width + 4, generator=generator)
    features[..., 5] = features[..., 5] * 0.1 + 7
    true = ((features[..., 5] - 7) * 2 + 0.5).clamp(0, 1)
    asked = torch.ones(prompts, 4, dtype=torch.bool)
    asked[:, 0] = torch.arange(prompts) % 5 == 0
    return Judgements(features.half(), torch.full((prompts, 4), 0.3), true, asked, torch.arange(prompts))


def test_a_fit_learns_to_rank_what_it_was_not_shown() -> None:
    torch.manual_seed(0)
    quality, config, judgements = MaskQuality(8), QualityFitConfig(epochs=60), made_up()
    kept = held_out(judgements, config)
    before = ranking(quality, judgements.of(kept))
    fit(quality, judgements.of(~kept), config)
    after = ranking(quality, judgements.of(kept))
    assert before.best == after.best
    assert after.top > before.top + 0.15
    assert after.top > 0.9 * after.best


def test_predictions_are_those_of_units_of_spread_and_near_the_truth() -> None:
    quality, judgements = MaskQuality(8), made_up()
    fit(quality, judgements, QualityFitConfig(epochs=200, dropout=0.0))
    with torch.no_grad():
        predicted = judgements.base + quality.rate(judgements.features.float())
    assert (predicted - judgements.true)[judgements.asked].abs().mean() < 0.05


def test_answers_nobody_was_given_teach_nothing() -> None:
    judgements, fitted = made_up(), []
    for wrong in (0.0, 100.0):
        true = judgements.true.masked_fill(~judgements.asked, wrong)
        quality = MaskQuality(8)
        fit(
            quality,
            Judgements(judgements.features, judgements.base, true, judgements.asked, judgements.image),
            QualityFitConfig(epochs=2),
        )
        fitted.append(quality.hidden.weight)
    assert torch.equal(*fitted)


def test_what_is_collected_is_what_the_predictor_answers() -> None:
    predictor = SamPredictor(load_model("anymask_s", None, "cpu"))
    quality, images = quality_of(predictor), list(read_images(SAMPLE, "val"))
    judgements = collect(predictor, images, QualityFitConfig())
    assert judgements.asked.sum(dim=1).unique().tolist() == [1, 3]
    assert judgements.image.unique().tolist() == [0, 1, 2, 3]
    # The central click on the first photograph's first mask, with and without the part that looks at masks.
    target = decode(next(rle for rle in images[0].segmentations if area(rle) >= 100))
    click = np.array([[farthest_point(target)[0]]], np.float64), np.ones((1, 1), np.int64)
    predictor.set_image(images[0].pixels())
    masks, whole, _ = predictor.predict_batch(*click)
    predictor.model.mask_decoder.mask_quality = None
    plain = predictor.predict_batch(*click)[1]
    assert torch.allclose(judgements.base[0, 1:], plain[0], atol=2e-3)
    with torch.no_grad():
        added = quality.rate(judgements.features[:1].float())[0, 1:]
    assert torch.allclose(judgements.base[0, 1:] + added, whole[0], atol=2e-3)
    assert judgements.true[0, 1:].tolist() == pytest.approx(ious(masks, [target])[0].tolist(), abs=1e-5)


def test_the_command_writes_weights_that_differ_in_this_part_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "fitted.safetensors"
    code = fit_quality(
        [
            "--data",
            f"{SAMPLE}=3",
            "--split",
            "val",
            "--model",
            "anymask_s",
            "--output",
            str(output),
            "--epochs",
            "1",
        ]
    )
    assert code == 0, capsys.readouterr().err
    printed = capsys.readouterr().out
    assert "top-ranked" in printed
    assert "on 3 images" in printed
    before = load_model("anymask_s", None, "cpu").state_dict()
    after = load_model("anymask_s", output, "cpu").state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    part = "mask_decoder.mask_quality."
    assert changed == {
        f"{part}{layer}.{kind}" for layer in ("hidden", "answer") for kind in ("weight", "bias")
    }


def test_a_model_without_this_part_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not model_config("tiny").mask_quality
    with pytest.raises(ValueError, match="does not look at masks"):
        quality_of(SamPredictor(build_sam("tiny")))
    arguments = [
        "--data",
        str(tmp_path),
        "--model",
        "anymask_s",
        "--output",
        str(tmp_path / "out.safetensors"),
    ]
    assert fit_quality(arguments) == 1
    assert capsys.readouterr().err.startswith("fit_quality: ")
