from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.cli import export_weights, train
from models.cli.train import build_parser, config_of
from models.sam.build import MODELS, SamConfig
from models.sam.modeling.image_encoder import ViTConfig, resized_positions
from models.sam.training.augmentation import ViewSize
from models.sam.training.checkpoint import CheckpointError, load_checkpoint
from models.sam.training.config import TrainConfig
from models.sam.training.dataset import DataConfig
from models.sam.training.mae.images import ImageBatch, ImageDataset, collate_images, resized_crop
from models.sam.training.mae.objective import MaeConfig, MaeObjective, build_autoencoder
from models.sam.training.mae.patches import (
    masked_loss,
    normalised_patches,
    patchify,
    random_order,
    sincos_positions,
    visible_count,
)
from models.sam.training.metrics import read_log
from models.sam.training.schedule import LearningRate, parse_stages
from models.sam.training.trainer import Trainer

SMALL = MaeConfig(decoder_width=32, decoder_depth=1, decoder_heads=2)
VIT = SamConfig("small_vit", ViTConfig(32, 2, 2, (1,), window_size=2), image_size=128, prompt_width=32)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_patch_holds_its_pixels_and_is_normalised() -> None:
    images = torch.arange(2 * 3 * 8 * 8, dtype=torch.float32).reshape(2, 3, 8, 8)
    patches = patchify(images, 4)
    assert patches.shape == (2, 4, 48)
    # patch 1 is the top right one; row 2, column 3, channel 0
    assert patches[1, 1, (2 * 4 + 3) * 3] == images[1, 0, 2, 7]
    normal = normalised_patches(images + 5, 4)
    torch.testing.assert_close(normal.mean(dim=-1), torch.zeros(2, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(normal.var(dim=-1), torch.ones(2, 4), atol=1e-4, rtol=0)


def test_three_quarters_are_hidden_at_random() -> None:
    assert visible_count(196, 0.75) == 49
    assert visible_count(2, 0.99) == 1
    assert visible_count(4, 0.01) == 3
    order = random_order(500, 16, seeded())
    assert torch.equal(order.sort(dim=1).values, torch.arange(16).expand(500, -1))
    first = torch.bincount(order[:, :4].flatten(), minlength=16) / 500
    assert float(first.min()) > 0.18
    assert float(first.max()) < 0.32


def test_only_hidden_patches_count() -> None:
    target, hidden = torch.zeros(1, 4, 3), torch.tensor([[True, False, False, True]])
    predicted = torch.tensor([1.0, 100, 100, 3]).reshape(1, 4, 1).expand(-1, -1, 3)
    assert float(masked_loss(predicted, target, hidden)) == pytest.approx((1 + 9) / 2)


def test_positions_tell_rows_from_columns_and_stretch_with_the_grid() -> None:
    table = sincos_positions(32, 14)
    assert torch.equal(table[3, 5, :16], table[9, 5, :16])  # one half is the column's
    assert torch.equal(table[3, 5, 16:], table[3, 2, 16:])  # the other the row's
    assert float(table[0, 5, 0]) == pytest.approx(np.sin(5.0), abs=1e-6)
    larger = resized_positions(table[None], (28, 28))[0]
    # Interpolation blurs the highest frequencies and bends the rim; inside they agree.
    torch.testing.assert_close(larger[6:-6, 6:-6], sincos_positions(32, 28)[6:-6, 6:-6], atol=0.12, rtol=0)
    with pytest.raises(ValueError, match="multiple of 4"):
        sincos_positions(30, 4)


@pytest.mark.parametrize("name", ["vit", "hybrid"])
def test_hidden_pixels_do_not_reach_the_prediction(
    name: str, make_config: Callable[..., TrainConfig]
) -> None:
    """The gradient of the prediction with respect to the image is zero in hidden patches, hence only there."""
    make_config()
    torch.manual_seed(0)
    model = build_autoencoder(VIT if name == "vit" else MODELS["miniature"], SMALL)
    patch = 16 if name == "vit" else 32
    images = torch.randn(1, 3, 128, 128, requires_grad=True)
    predictions: list[torch.Tensor] = []
    last = model.get_submodule("decoder_output" if name == "vit" else "decoder")
    last.register_forward_hook(lambda *call: predictions.append(call[2]))
    loss = model(images, seeded())
    predictions[0].square().sum().backward()
    touched = patchify(images.grad, patch)[0].abs().amax(dim=-1) > 0
    count = (128 // patch) ** 2
    order = random_order(1, count, seeded())[0]
    visible = visible_count(count, 0.75)
    assert touched[order[:visible]].all()
    assert not touched[order[visible:]].any()
    assert 0.5 < float(loss.detach()) < 3  # about 1: the variance of the target


def test_crops_are_reproducible_and_lie_in_the_image(sample: Path) -> None:
    dataset, again = (ImageDataset(DataConfig({str(sample): 1.0}, "val"), seed=4) for _ in range(2))
    assert len(dataset.images) == 4
    assert np.array_equal(dataset[3, ViewSize(64)], again[3, ViewSize(64)])
    assert not np.array_equal(dataset[3, ViewSize(64)], dataset[4, ViewSize(64)])
    assert collate_images([dataset[i, ViewSize(64)] for i in range(3)]).images.shape == (3, 3, 64, 64)
    assert ImageDataset(DataConfig({"rendered": 1.0}))[0, ViewSize(64)].shape == (64, 64, 3)
    # In a picture of columns 0..199 a crop rises or falls evenly, by at most the whole width.
    ramp = np.repeat(np.arange(200, dtype=np.uint8)[None, :, None], 100, axis=0).repeat(3, axis=2)
    rng = np.random.default_rng(0)
    mirrored = set()
    for _ in range(30):
        row = resized_crop(ramp, 32, rng)[16, :, 0].astype(int)
        mirrored.add(bool(row[0] > row[-1]))
        assert abs(row[0] - row[-1]) > 30
        assert np.abs(np.diff(row, 2)).max() <= 3
    assert mirrored == {True, False}


def test_the_defaults_of_pre_training_are_the_papers() -> None:
    base = ["--data", "d", "--out", "o", "--stage", "mae", "--stages", "224x64:1", "--steps", "800"]
    config = config_of(build_parser().parse_args([*base, "--accumulate", "8"]), processes=8)
    assert config.learning_rate == LearningRate(pytest.approx(2.4e-3), warmup_steps=40)  # batch 4,096
    assert (config.weight_decay, config.betas) == (0.05, (0.9, 0.95))
    assert config.mae == MaeConfig(0.75, 512, 8, 16)


@pytest.mark.parametrize("model", ["small_vit", "miniature"])
def test_the_loss_falls_and_the_encoder_is_handed_on(
    model: str, make_config: Callable[..., TrainConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, "small_vit", VIT)
    config = make_config(
        model=model,
        stage="mae",
        stages=parse_stages("64x8:1"),
        steps=40,
        learning_rate=LearningRate(3e-3, warmup_steps=4),
        mae=replace(SMALL, mask_ratio=0.5),
    )
    Trainer(config, tmp_path / "mae").run()
    losses = [line["loss"] for line in read_log(tmp_path / "mae" / "metrics.jsonl")]
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:5])  # measured .30 and .39

    weights = load_checkpoint(tmp_path / "mae" / "last.pt")["average"]["weights"]
    trainer = Trainer(make_config(model=model, steps=1), tmp_path / "promptable")
    trainer.start_encoder_from(weights)
    handed = trainer.model.get_submodule("image_encoder").state_dict()
    assert all(torch.equal(value, weights[f"image_encoder.{name}"]) for name, value in handed.items())
    trainer.run()


def test_what_does_not_fit_is_refused(
    make_config: Callable[..., TrainConfig], tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: Path
) -> None:
    mae = make_config(stage="mae", steps=1, stages=parse_stages("64x2:1"))
    Trainer(mae, tmp_path / "mae").run()
    saved = tmp_path / "mae" / "last.pt"
    tiny = Trainer(make_config(model="tiny"), tmp_path / "tiny")
    with pytest.raises(CheckpointError, match="Missing key"):
        tiny.start_encoder_from(load_checkpoint(saved)["average"]["weights"])
    with pytest.raises(CheckpointError, match="stage mae"):
        Trainer(make_config(), tmp_path / "mae").resume()
    with pytest.raises(ValueError, match="hidden patches"):
        MaeConfig(mask_ratio=1.0)
    base = ["--data", str(sample), "--split", "val", "--model", "miniature", "--out", str(tmp_path / "p")]
    assert train.main([*base, "--steps", "1", "--init", str(saved)]) == 1
    assert export_weights.main(["--checkpoint", str(saved), "--output", str(tmp_path / "x.safetensors")]) == 1
    assert capsys.readouterr().err.count("\n") == 3  # two refusals and the line of the one step


def test_images_are_normalised_as_for_the_model() -> None:
    class Spread(torch.nn.Module):
        def forward(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
            return images.abs().max()

    images = torch.tensor([124, 116, 104], dtype=torch.uint8).reshape(1, 3, 1, 1).expand(2, -1, 4, 4)
    loss, numbers = MaeObjective(Spread())(ImageBatch(images), seeded())
    assert float(loss) == pytest.approx(0.47 / 57.375, abs=1e-5)
    assert numbers == {"loss": pytest.approx(float(loss))}
