import pytest
import torch

from models.sam.build import build_sam, model_config
from models.sam.modeling.hybrid_encoder import HybridConfig


def test_the_default_model_has_the_promised_size_and_grid() -> None:
    config = model_config("anymask_s")
    parameters = sum(parameter.numel() for parameter in build_sam(config).parameters())
    assert 5_000_000 <= parameters <= 10_000_000
    assert config.embedding_shape == (1, 128, 64, 64)
    assert config.low_res_size == (256, 256)


@pytest.mark.parametrize("side", [32, 96, 160])
def test_every_side_divisible_by_32_works(side: int) -> None:
    encoder = HybridConfig((8, 8, 16, 16), (1, 1, 2), 1, 2).build(512, 24)
    assert encoder(torch.randn(2, 3, side, side)).shape == (2, 24, side // 8, side // 8)


def test_other_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 32"):
        HybridConfig().build(500, 8)
    with pytest.raises(ValueError, match="multiples of 32"):
        HybridConfig((8, 8, 16, 16), (1, 1, 2), 1, 2).build(512, 8)(torch.zeros(1, 3, 48, 64))


def test_training_and_inference_attention_agree() -> None:
    torch.manual_seed(0)
    encoder = HybridConfig((8, 8, 16, 16), (1, 1, 2), 2, 2).build(512, 24)
    image = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(encoder.train()(image), encoder.eval()(image), atol=1e-5, rtol=1e-4)
